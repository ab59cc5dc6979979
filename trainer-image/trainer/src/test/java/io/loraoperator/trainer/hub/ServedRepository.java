package io.loraoperator.trainer.hub;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/** A repository at its newest commit, and what the hub says of it. */
final class ServedRepository {
  private static final ObjectMapper JSON = new ObjectMapper();

  private final String kind;
  private final String name;
  private final Map<String, byte[]> files = new TreeMap<>();
  private final TreeSet<String> revisions = new TreeSet<>(List.of("main"));
  private boolean gated;
  private boolean hidden;
  private boolean listsDigests = true;
  private int commits;

  ServedRepository(String kind, String name) {
    this.kind = kind;
    this.name = name;
  }

  ServedRepository put(String path, byte[] content) {
    files.put(path, content);
    return this;
  }

  ServedRepository put(String path, String content) {
    return put(path, content.getBytes(StandardCharsets.UTF_8));
  }

  ServedRepository revision(String name) {
    revisions.add(name);
    return this;
  }

  ServedRepository gated() {
    gated = true;
    return this;
  }

  ServedRepository hidden() {
    hidden = true;
    return this;
  }

  /** As mirrors do that know nothing of {@code blobs=true}. */
  ServedRepository withoutDigests() {
    listsDigests = false;
    return this;
  }

  byte[] content(String path) {
    return Objects.requireNonNull(files.get(path));
  }

  String commit() {
    return sha("SHA-1", (kind + name).getBytes(StandardCharsets.UTF_8), new byte[commits]);
  }

  /** Adds and replaces files by another commit. */
  void commit(Map<String, byte[]> changed) {
    files.putAll(changed);
    commits++;
  }

  /** How often files were committed. */
  int commits() {
    return commits;
  }

  /** The names of the files. */
  Set<String> names() {
    return Set.copyOf(files.keySet());
  }

  boolean isGated() {
    return gated;
  }

  boolean isHidden() {
    return hidden;
  }

  String kind() {
    return kind;
  }

  String name() {
    return name;
  }

  /** The content of a file; null if there is none. */
  byte @Nullable [] find(String path) {
    return files.get(path);
  }

  boolean knows(String revision) {
    return revisions.contains(revision) || commit().equals(revision);
  }

  /** What {@code /api/…/revision/…} says; file names alone unless blobs are asked for. */
  ObjectNode info(boolean blobs) {
    ObjectNode info = JSON.createObjectNode();
    info.put("_id", commit().substring(0, 24));
    info.put("id", name);
    info.put("author", name.split("/", -1)[0]);
    info.put("sha", commit());
    info.put("lastModified", "2026-01-02T03:04:05.000Z");
    info.put("private", hidden);
    if (gated) {
      info.put("gated", "manual");
    } else {
      info.put("gated", false);
    }
    info.put("disabled", false);
    info.put("downloads", 1);
    info.put("likes", 0);
    info.putArray("tags");
    ArrayNode siblings = info.putArray("siblings");
    files.forEach((path, bytes) -> {
      ObjectNode sibling = siblings.addObject().put("rfilename", path);
      if (blobs && listsDigests) {
        sibling.put("blobId", blob(bytes, isLarge(path)));
        sibling.put("size", bytes.length);
        if (isLarge(path)) {
          sibling
              .putObject("lfs")
              .put("sha256", sha256(bytes))
              .put("size", bytes.length)
              .put("pointerSize", pointer(bytes).length);
        }
      }
    });
    return info;
  }

  /** What {@code /api/…/tree/…} says of a folder. */
  ArrayNode tree(String folder, boolean recursive) {
    ArrayNode entries = JSON.createArrayNode();
    TreeSet<String> folders = new TreeSet<>();
    String prefix = folder.isEmpty() ? "" : folder + "/";
    files.forEach((path, bytes) -> {
      if (!path.startsWith(prefix)) {
        return;
      }
      String rest = path.substring(prefix.length());
      for (int slash = rest.indexOf('/'); slash >= 0; slash = rest.indexOf('/', slash + 1)) {
        if (recursive || slash == rest.indexOf('/')) {
          folders.add(prefix + rest.substring(0, slash));
        }
      }
      if (recursive || rest.indexOf('/') < 0) {
        ObjectNode entry = entries.addObject().put("type", "file").put("path", path);
        entry.put("oid", blob(bytes, isLarge(path))).put("size", bytes.length);
        if (isLarge(path)) {
          entry
              .putObject("lfs")
              .put("oid", sha256(bytes))
              .put("size", bytes.length)
              .put("pointerSize", pointer(bytes).length);
        }
      }
    });
    folders.forEach(path ->
        entries
            .addObject()
            .put("type", "directory")
            .put("path", path)
            .put("size", 0)
            .put("oid", sha("SHA-1", path.getBytes(StandardCharsets.UTF_8), new byte[0])));
    return entries;
  }

  /** What stands for a file on the server of large ones. */
  String key(String path) {
    return kind + "/" + name + "//" + path;
  }

  static boolean isLarge(String path) {
    return path.endsWith(".safetensors")
        || path.endsWith(".parquet")
        || path.endsWith(".gguf")
        || path.contains("tfevents");
  }

  private static byte[] pointer(byte[] bytes) {
    return "version https://git-lfs.github.com/spec/v1\noid sha256:%s\nsize %d\n"
        .formatted(sha256(bytes), bytes.length)
        .getBytes(StandardCharsets.US_ASCII);
  }

  static String blob(byte[] content, boolean large) {
    byte[] bytes = large ? pointer(content) : content;
    return sha("SHA-1", ("blob " + bytes.length + "\0").getBytes(StandardCharsets.US_ASCII), bytes);
  }

  static String sha256(byte[] bytes) {
    return sha("SHA-256", bytes, new byte[0]);
  }

  private static String sha(String algorithm, byte[] first, byte[] second) {
    try {
      MessageDigest digest = MessageDigest.getInstance(algorithm);
      digest.update(first);
      return HexFormat.of().formatHex(digest.digest(second));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e);
    }
  }
}
