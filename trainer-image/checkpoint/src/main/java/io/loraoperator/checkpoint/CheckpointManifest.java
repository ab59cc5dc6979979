package io.loraoperator.checkpoint;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * {@code manifest.json} of a training checkpoint. It is written last, so where it is, everything
 * was written; its digests tell whether everything still is what was written.
 *
 * @param uid of the object whose run this is
 * @param specHash of the run's document: a checkpoint continues no other run
 * @param step optimizer steps done
 * @param time when the checkpoint was taken
 * @param files every other file by its plain name
 */
public record CheckpointManifest(
    String uid, String specHash, long step, Instant time, Map<String, File> files) {

  /**
   * One file of the checkpoint.
   *
   * @param size in bytes
   * @param sha256 in lower-case hexadecimal
   */
  public record File(long size, String sha256) {}

  /** The manifest's own name. */
  public static final String FILE = "manifest.json";

  /** Raised when the layout changes; a checkpoint of another version is refused. */
  public static final int SCHEMA_VERSION = 1;

  private static final Pattern FOLDER = Pattern.compile("step-(\\d{6,18})");
  private static final Pattern SHA256 = Pattern.compile("[0-9a-f]{64}");
  private static final Pattern PLAIN_NAME = Pattern.compile("[A-Za-z0-9][A-Za-z0-9._-]{0,254}");
  private static final String REMEDY = "Delete this checkpoint; an older one is used instead.";

  public CheckpointManifest {
    files = Collections.unmodifiableMap(new TreeMap<>(files));
  }

  /** The folder of a step's checkpoint: {@code step-000100}. Names sort as steps do. */
  public static String folderName(long step) {
    return String.format(Locale.ROOT, "step-%06d", step);
  }

  /** The step that a folder's name gives; empty if it is no checkpoint's name. */
  public static OptionalLong stepOf(String folderName) {
    Matcher matcher = FOLDER.matcher(folderName);
    return matcher.matches()
        ? OptionalLong.of(Long.parseLong(matcher.group(1)))
        : OptionalLong.empty();
  }

  /**
   * Reads a manifest from bytes, wherever they come from.
   *
   * @param origin file or address, for messages
   * @throws CheckpointException if it is not a sound manifest of this schema version
   */
  public static CheckpointManifest parse(byte[] json, String origin) {
    ObjectNode root = JsonFiles.parseObject(json, origin);
    JsonNode version = root.path("schemaVersion");
    if (!version.isInt() || version.asInt() != SCHEMA_VERSION) {
      throw CheckpointException.unsupported(
          origin,
          "schemaVersion is %s, not %d".formatted(version, SCHEMA_VERSION),
          "Continue this run with the version of the trainer that wrote the checkpoint.");
    }
    long step = root.path("step").asLong(-1);
    if (!root.path("step").isIntegralNumber() || step < 0) {
      throw invalid(origin, "step is %s".formatted(root.path("step")));
    }
    Map<String, File> files = new TreeMap<>();
    for (JsonNode file : root.path("files")) {
      String name = text(file, "name", origin);
      String sha256 = text(file, "sha256", origin);
      long size = file.path("size").asLong(-1);
      if (!PLAIN_NAME.matcher(name).matches()
          || name.equals(FILE)
          || !SHA256.matcher(sha256).matches()
          || !file.path("size").isIntegralNumber()
          || size < 0
          || files.put(name, new File(size, sha256)) != null) {
        throw invalid(origin, "the entry of file '%s' is not sound".formatted(name));
      }
    }
    if (!files.keySet().containsAll(TrainingCheckpoint.FILES)) {
      throw invalid(
          origin, "lists %s, but must list %s".formatted(files.keySet(), TrainingCheckpoint.FILES));
    }
    return new CheckpointManifest(
        text(root, "uid", origin),
        text(root, "specHash", origin),
        step,
        instant(text(root, "time", origin), origin),
        files);
  }

  /** The bytes of {@code manifest.json}: the same for the same manifest. */
  public byte[] toJson() {
    ObjectNode root = JsonFiles.MAPPER.createObjectNode();
    root.put("schemaVersion", SCHEMA_VERSION);
    root.put("uid", uid);
    root.put("specHash", specHash);
    root.put("step", step);
    root.put("time", time.toString());
    ArrayNode list = root.putArray("files");
    files.forEach((name, file) ->
        list.addObject().put("name", name).put("size", file.size()).put("sha256", file.sha256()));
    return JsonFiles.pretty(root);
  }

  /** Why this checkpoint cannot continue the run; empty if it can, as far as the manifest tells. */
  public Optional<String> refusal(String wantedUid, String wantedSpecHash) {
    if (!uid.equals(wantedUid)) {
      return Optional.of("belongs to another object (uid %s)".formatted(uid));
    }
    if (!specHash.equals(wantedSpecHash)) {
      return Optional.of("belongs to another run document (%s)".formatted(specHash));
    }
    return Optional.empty();
  }

  /** All names that a checkpoint's upload consists of, the manifest last. */
  public List<String> uploadOrder() {
    return java.util.stream.Stream.concat(files.keySet().stream(), java.util.stream.Stream.of(FILE))
        .toList();
  }

  private static String text(JsonNode node, String field, String origin) {
    JsonNode value = node.path(field);
    if (!value.isTextual()) {
      throw invalid(origin, "has no text '%s'".formatted(field));
    }
    return value.asText();
  }

  private static Instant instant(String text, String origin) {
    try {
      return Instant.parse(text);
    } catch (DateTimeException e) {
      throw invalid(origin, "time is '%s'".formatted(text));
    }
  }

  private static CheckpointException invalid(String origin, String problem) {
    return CheckpointException.invalid(origin, problem, REMEDY);
  }
}
