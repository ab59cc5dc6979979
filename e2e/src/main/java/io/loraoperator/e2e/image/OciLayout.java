package io.loraoperator.e2e.image;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveOutputStream;
import org.apache.commons.compress.archivers.tar.TarConstants;

/**
 * A small image of one uncompressed layer, written as an OCI image layout archive.
 *
 * <p>The same contents give the same bytes. See the OCI image specification, "Image Layout".
 *
 * @param reference the image's full name, such as {@code localhost/lora-operator/pause:1}
 * @param entries the layer: files and links by absolute path, in order; folders are added
 * @param entrypoint the command of a container that names none
 */
public record OciLayout(String reference, Map<String, Entry> entries, List<String> entrypoint) {
  private static final JsonMapper JSON = JsonMapper.builder().build();
  private static final String MANIFEST = "application/vnd.oci.image.manifest.v1+json";
  private static final String CONFIG = "application/vnd.oci.image.config.v1+json";
  private static final String LAYER = "application/vnd.oci.image.layer.v1.tar";
  private static final int EXECUTABLE = 0755;

  /** What is at a path of the layer. */
  public sealed interface Entry {}

  /** A program, readable and executable by everybody. */
  public record Program(Path source) implements Entry {}

  /** A symbolic link. */
  public record Link(String target) implements Entry {}

  private static final class Blob {
    private final String digest;
    private final byte[] bytes;

    Blob(String digest, byte[] bytes) {
      this.digest = digest;
      this.bytes = bytes;
    }

    static Blob of(byte[] bytes) {
      try {
        byte[] hash = MessageDigest.getInstance("SHA-256").digest(bytes);
        return new Blob(HexFormat.of().formatHex(hash), bytes);
      } catch (NoSuchAlgorithmException impossible) {
        throw new IllegalStateException(impossible);
      }
    }

    static Blob json(Object value) {
      try {
        return of(JSON.writeValueAsBytes(value));
      } catch (JsonProcessingException impossible) {
        throw new IllegalStateException(impossible);
      }
    }

    Map<String, Object> descriptor(String mediaType) {
      Map<String, Object> descriptor = new LinkedHashMap<>();
      descriptor.put("mediaType", mediaType);
      descriptor.put("digest", "sha256:" + digest);
      descriptor.put("size", bytes.length);
      return descriptor;
    }
  }

  /** Writes the archive. */
  public void write(Path file) {
    try {
      Blob layer = Blob.of(layer());
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

      try (OutputStream stream = Files.newOutputStream(file);
          TarArchiveOutputStream tar = tar(stream)) {
        add(
            tar,
            "oci-layout",
            "{\"imageLayoutVersion\":\"1.0.0\"}".getBytes(StandardCharsets.UTF_8));
        add(tar, "index.json", Blob.json(index).bytes);
        for (Blob blob : List.of(layer, config, manifestBlob)) {
          add(tar, "blobs/sha256/" + blob.digest, blob.bytes);
        }
      }
    } catch (IOException failure) {
      throw new UncheckedIOException("Cannot write image " + reference + " to " + file, failure);
    }
  }

  private Map<String, Object> config(Blob layer) {
    Map<String, Object> config = new LinkedHashMap<>();
    config.put("architecture", architecture());
    config.put("os", "linux");
    config.put("config", Map.of("Entrypoint", entrypoint, "Env", List.of("PATH=/bin")));
    config.put("rootfs", Map.of("type", "layers", "diff_ids", List.of("sha256:" + layer.digest)));
    return config;
  }

  private static String architecture() {
    String name = System.getProperty("os.arch");
    return name.equals("aarch64") ? "arm64" : name;
  }

  private byte[] layer() throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (TarArchiveOutputStream tar = tar(bytes)) {
      Map<String, Boolean> folders = new LinkedHashMap<>();
      for (Map.Entry<String, Entry> entry : entries.entrySet()) {
        String path = entry.getKey().substring(1);
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
          case Program program -> add(tar, path, Files.readAllBytes(program.source()));
          case Link link -> {
            TarArchiveEntry header = header(path, TarConstants.LF_SYMLINK);
            header.setLinkName(link.target());
            tar.putArchiveEntry(header);
            tar.closeArchiveEntry();
          }
        }
      }
    }
    return bytes.toByteArray();
  }

  private static TarArchiveOutputStream tar(OutputStream stream) {
    TarArchiveOutputStream tar = new TarArchiveOutputStream(stream, StandardCharsets.UTF_8.name());
    tar.setLongFileMode(TarArchiveOutputStream.LONGFILE_POSIX);
    return tar;
  }

  private static void add(TarArchiveOutputStream tar, String path, byte[] bytes)
      throws IOException {
    TarArchiveEntry header = header(path);
    header.setMode(EXECUTABLE);
    header.setSize(bytes.length);
    tar.putArchiveEntry(header);
    tar.write(bytes);
    tar.closeArchiveEntry();
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
