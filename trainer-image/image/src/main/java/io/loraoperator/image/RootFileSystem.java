package io.loraoperator.image;

import io.loraoperator.image.TreeEntry.Content;
import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Pattern;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveInputStream;

/**
 * The part of the images below Java: the C library and what native code links against, certificate
 * authorities, time zones, one user. No shell and no package manager: nothing in the images runs
 * one, so an intruder finds none.
 */
final class RootFileSystem {
  /** The user of all images; {@code runAsNonRoot} wants a number. */
  static final int USER = 65532;

  /**
   * What a Java run time needs, be it Temurin's or Debian's own; libc-bin brings the C.UTF-8
   * locale.
   */
  static final List<String> BASE_PACKAGES =
      List.of(
          "ca-certificates", "libc-bin", "libc6", "libgcc-s1", "libstdc++6", "tzdata", "zlib1g");

  /** What libtorch needs more, and the allocator that makes a training step up to 47 % faster. */
  static final List<String> TRAINER_PACKAGES = List.of("libgomp1", "libtcmalloc-minimal4");

  /** Documentation, build and character-conversion files that no process here opens. */
  private static final Pattern UNUSED =
      Pattern.compile(
          "usr/share/(?!zoneinfo|ca-certificates).*|usr/share/zoneinfo/(right|posix)/.*"
              + "|usr/s?bin/.*|s?bin/.*|etc/ca-certificates.*"
              + "|usr/lib/[^/]+/gconv/.*|usr/lib/[^/]+/audit/.*|usr/lib/debug/.*");

  private static final String AUTHORITIES = "usr/share/ca-certificates/";
  private static final int LARGEST_FILE = 64 << 20;

  private RootFileSystem() {}

  /** The base of every image. */
  static FileTree base(List<DebianPackage> packages) throws IOException, InterruptedException {
    FileTree tree = packages(packages);
    tree.folder("tmp", 01777);
    List.of("dev", "proc", "run", "sys", "var/run").forEach(path -> tree.folder(path, 0755));
    tree.text(
        "etc/passwd",
        """
        root:x:0:0:root:/root:/sbin/nologin
        lora:x:%1$d:%1$d:lora:/tmp:/sbin/nologin
        """
            .formatted(USER));
    tree.text("etc/group", "root:x:0:\nlora:x:%d:\n".formatted(USER));
    tree.text("etc/nsswitch.conf", "passwd: files\ngroup: files\nhosts: files dns\n");
    return tree;
  }

  /** The files of these packages, less the unused ones, and the certificates as one bundle. */
  static FileTree packages(List<DebianPackage> packages) throws IOException, InterruptedException {
    FileTree tree = new FileTree();
    Map<String, byte[]> authorities = new TreeMap<>();
    for (DebianPackage debianPackage : packages) {
      extract(debianPackage, tree, authorities);
    }
    if (!authorities.isEmpty()) {
      ByteArrayOutputStream bundle = new ByteArrayOutputStream();
      for (byte[] certificate : authorities.values()) {
        bundle.writeBytes(certificate);
        bundle.writeBytes("\n".getBytes(StandardCharsets.UTF_8));
      }
      tree.file("etc/ssl/certs/ca-certificates.crt", Content.of(bundle.toByteArray()));
    }
    return tree;
  }

  private static void extract(
      DebianPackage debianPackage, FileTree tree, Map<String, byte[]> authorities)
      throws IOException, InterruptedException {
    Process process =
        new ProcessBuilder("dpkg-deb", "--fsys-tarfile", debianPackage.file().toString())
            .redirectError(ProcessBuilder.Redirect.INHERIT)
            .start();
    process.getOutputStream().close();
    try (InputStream in = new BufferedInputStream(process.getInputStream());
        TarArchiveInputStream tar = new TarArchiveInputStream(in)) {
      for (TarArchiveEntry e = tar.getNextEntry(); e != null; e = tar.getNextEntry()) {
        String path = e.getName().replaceFirst("^\\./", "");
        if (path.startsWith(AUTHORITIES) && e.isFile()) {
          authorities.put(path, read(tar, e));
        } else if (!e.isDirectory() && !UNUSED.matcher(path).matches() && !authority(path)) {
          add(tree, path, tar, e);
        }
      }
      in.transferTo(java.io.OutputStream.nullOutputStream());
    }
    if (process.waitFor() != 0) {
      throw new ImageBuildException(
          "dpkg-deb cannot read "
              + debianPackage.file()
              + "; delete the file to have it fetched again");
    }
  }

  private static boolean authority(String path) {
    return path.startsWith(AUTHORITIES);
  }

  private static void add(FileTree tree, String path, TarArchiveInputStream tar, TarArchiveEntry e)
      throws IOException {
    if (e.isSymbolicLink()) {
      tree.link(path, e.getLinkName());
    } else if (e.isLink()) {
      String target = e.getLinkName().replaceFirst("^\\./", "");
      TreeEntry original = tree.entries().get(target);
      if (!(original instanceof TreeEntry.File file)) {
        throw new ImageBuildException(path + " is a hard link to " + target + ", which is no file");
      }
      tree.file(path, file.mode(), file.content());
    } else if (e.isFile()) {
      tree.file(path, e.getMode() & 0755, Content.of(read(tar, e)));
    } else {
      throw new ImageBuildException(path + " is neither a file, a folder nor a link");
    }
  }

  private static byte[] read(TarArchiveInputStream tar, TarArchiveEntry e) throws IOException {
    if (e.getSize() > LARGEST_FILE) {
      throw new ImageBuildException(e.getName() + " is larger than expected: " + e.getSize());
    }
    return tar.readAllBytes();
  }
}
