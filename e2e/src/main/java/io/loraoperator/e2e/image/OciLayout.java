package io.loraoperator.e2e.image;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.DigestOutputStream;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveOutputStream;
import org.apache.commons.compress.archivers.tar.TarConstants;

/**
 * An image of one uncompressed layer, written as an OCI image layout archive that {@code docker
 * load} reads too, in versions that know its own format only.
 *
 * <p>The same contents give the same bytes. See the OCI image specification, "Image Layout".
 *
 * @param reference the image's full name, such as {@code localhost/lora-operator/pause:1}
 * @param entries the layer: files, links and folders by absolute path, in order; the folders above
 *     them are added
 * @param entrypoint the command of a container that names none
 * @param volumes folders that a container keeps outside of its layers
 */
public record OciLayout(
    String reference, Map<String, Entry> entries, List<String> entrypoint, List<String> volumes) {
  private static final JsonMapper JSON = JsonMapper.builder().build();
  private static final String MANIFEST = "application/vnd.oci.image.manifest.v1+json";
  private static final String CONFIG = "application/vnd.oci.image.config.v1+json";
  private static final String LAYER = "application/vnd.oci.image.layer.v1.tar";
  private static final int EXECUTABLE = 0755;

  /** What is at a path of the layer. */
  public sealed interface Entry {}

  /** A program, readable and executable by everybody. */
  public record Program(Path source) implements Entry {}

  /** A short file, a script for example; executable like a program. */
  public record Text(String content) implements Entry {}

  /** A symbolic link. */
  public record Link(String target) implements Entry {}

  /** An empty folder. */
  public record Folder() implements Entry {}

  /** An image without volumes. */
  public OciLayout(String reference, Map<String, Entry> entries, List<String> entrypoint) {
    this(reference, entries, entrypoint, List.of());
  }

  /** What lies in the archive under its digest: a document in memory, or the layer in a file. */
  private static final class Blob {
    private final String digest;
    private final long size;
    private final byte[] bytes;

    Blob(String digest, long size, byte[] bytes) {
      this.digest = digest;
      this.size = size;
      this.bytes = bytes;
    }

    static Blob json(Object value) {
      try {
        byte[] bytes = JSON.writeValueAsBytes(value);
        return new Blob(HexFormat.of().formatHex(sha256().digest(bytes)), bytes.length, bytes);
      } catch (JsonProcessingException impossible) {
        throw new IllegalStateException(impossible);
      }
    }

    String path() {
      return "blobs/sha256/" + digest;
    }

    Map<String, Object> descriptor(String mediaType) {
      Map<String, Object> descriptor = new LinkedHashMap<>();
      descriptor.put("mediaType", mediaType);
      descriptor.put("digest", "sha256:" + digest);
      descriptor.put("size", size);
      return descriptor;
    }
  }

  /** Writes the archive. */
  public void write(Path file) {
    try {
      Path layerFile = Files.createTempFile(file.toAbsolutePath().getParent(), ".layer", ".tar");
      try {
        write(file, layerFile, writeLayer(layerFile));
      } finally {
        Files.delete(layerFile);
      }
    } catch (IOException failure) {
      throw new UncheckedIOException("Cannot write image " + reference + " to " + file, failure);
    }
  }

  private void write(Path file, Path layerFile, Blob layer) throws IOException {
    Blob config = Blob.json(config(layer));
    Map<String, Object> manifest = new LinkedHashMap<>();
    manifest.put("schemaVersion", 2);
    manifest.put("mediaType", MANIFEST);
    manifest.put("config", config.descriptor(CONFIG));
    manifest.put("layers", List.of(layer.descriptor(LAYER)));
    Blob manifestBlob = Blob.json(manifest);

    Map<String, Object> named = manifestBlob.descriptor(MANIFEST);
    named.put("annotations", Map.of("io.containerd.image.name", reference));
    Map<String, Object> index = new LinkedHashMap<>();
    index.put("schemaVersion", 2);
    index.put("manifests", List.of(named));

    Map<String, Object> docker = new LinkedHashMap<>();
    docker.put("Config", config.path());
    docker.put("RepoTags", List.of(reference));
    docker.put("Layers", List.of(layer.path()));

    try (OutputStream stream = new BufferedOutputStream(Files.newOutputStream(file));
        TarArchiveOutputStream tar = tar(stream)) {
      add(tar, "oci-layout", "{\"imageLayoutVersion\":\"1.0.0\"}");
      add(tar, "index.json", Blob.json(index).bytes);
      add(tar, "manifest.json", Blob.json(List.of(docker)).bytes);
      add(tar, layer.path(), layerFile);
      for (Blob blob : List.of(config, manifestBlob)) {
        add(tar, blob.path(), blob.bytes);
      }
    }
  }

  private Map<String, Object> config(Blob layer) {
    Map<String, Object> run = new LinkedHashMap<>();
    run.put("Entrypoint", entrypoint);
    run.put("Env", List.of("PATH=/usr/sbin:/usr/bin:/sbin:/bin"));
    if (!volumes.isEmpty()) {
      Map<String, Object> folders = new TreeMap<>();
      volumes.forEach(folder -> folders.put(folder, Map.of()));
      run.put("Volumes", folders);
    }
    Map<String, Object> config = new LinkedHashMap<>();
    config.put("architecture", architecture());
    config.put("os", "linux");
    config.put("config", run);
    config.put("rootfs", Map.of("type", "layers", "diff_ids", List.of("sha256:" + layer.digest)));
    return config;
  }

  private static String architecture() {
    String name = System.getProperty("os.arch");
    return name.equals("aarch64") ? "arm64" : name;
  }

  /** Writes the layer to a file of its own: its digest precedes it in the archive. */
  private Blob writeLayer(Path file) throws IOException {
    MessageDigest digest = sha256();
    try (OutputStream stream =
            new DigestOutputStream(new BufferedOutputStream(Files.newOutputStream(file)), digest);
        TarArchiveOutputStream tar = tar(stream)) {
      Map<String, Boolean> folders = new LinkedHashMap<>();
      for (Map.Entry<String, Entry> entry : entries.entrySet()) {
        String path = entry.getKey().substring(1);
        if (entry.getValue() instanceof Folder) {
          path += "/";
        }
        for (int slash = path.indexOf('/'); slash >= 0; slash = path.indexOf('/', slash + 1)) {
          String folder = path.substring(0, slash + 1);
          if (folders.put(folder, true) == null) {
            TarArchiveEntry header = header(folder);
            header.setMode(TarArchiveEntry.DEFAULT_DIR_MODE);
            tar.putArchiveEntry(header);
            tar.closeArchiveEntry();
          }
        }
        switch (entry.getValue()) {
          case Program program -> add(tar, path, program.source());
          case Text text -> add(tar, path, text.content());
          case Link link -> {
            TarArchiveEntry header = header(path, TarConstants.LF_SYMLINK);
            header.setLinkName(link.target());
            tar.putArchiveEntry(header);
            tar.closeArchiveEntry();
          }
          case Folder _ -> {
            // Written above.
          }
        }
      }
    }
    return new Blob(HexFormat.of().formatHex(digest.digest()), Files.size(file), new byte[0]);
  }

  private static MessageDigest sha256() {
    try {
      return MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException impossible) {
      throw new IllegalStateException(impossible);
    }
  }

  private static TarArchiveOutputStream tar(OutputStream stream) {
    TarArchiveOutputStream tar = new TarArchiveOutputStream(stream, StandardCharsets.UTF_8.name());
    tar.setLongFileMode(TarArchiveOutputStream.LONGFILE_POSIX);
    return tar;
  }

  private static void add(TarArchiveOutputStream tar, String path, String text) throws IOException {
    add(tar, path, text.getBytes(StandardCharsets.UTF_8));
  }

  private static void add(TarArchiveOutputStream tar, String path, byte[] bytes)
      throws IOException {
    open(tar, path, bytes.length);
    tar.write(bytes);
    tar.closeArchiveEntry();
  }

  private static void add(TarArchiveOutputStream tar, String path, Path file) throws IOException {
    open(tar, path, Files.size(file));
    Files.copy(file, tar);
    tar.closeArchiveEntry();
  }

  private static void open(TarArchiveOutputStream tar, String path, long size) throws IOException {
    TarArchiveEntry header = header(path);
    header.setMode(EXECUTABLE);
    header.setSize(size);
    tar.putArchiveEntry(header);
  }

  private static TarArchiveEntry header(String path) {
    return header(path, path.endsWith("/") ? TarConstants.LF_DIR : TarConstants.LF_NORMAL);
  }

  private static TarArchiveEntry header(String path, byte type) {
    TarArchiveEntry header = new TarArchiveEntry(path, type);
    header.setModTime(0);
    header.setIds(0, 0);
    return header;
  }
}
