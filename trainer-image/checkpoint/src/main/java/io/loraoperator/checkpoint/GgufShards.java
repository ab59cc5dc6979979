package io.loraoperator.checkpoint;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.IntStream;

/**
 * The files of one GGUF model in order, named {@code NAME-00001-of-00003.gguf}; the first has all
 * metadata, each says its number ({@code split.no}, from 0) and how many there are.
 *
 * @param tensors how many there are in all files; negative if the file does not say
 * @see <a href="https://github.com/ggml-org/llama.cpp/tree/master/tools/gguf-split">llama.cpp,
 *     gguf-split</a>
 */
public record GgufShards(List<Path> paths, long tensors) {

  /** Copies the list. */
  public GgufShards {
    paths = List.copyOf(paths);
  }

  private static final Pattern NAME =
      Pattern.compile("(.+)-(\\d{5})-of-(\\d{5})\\.gguf", Pattern.DOTALL);
  private static final String NUMBER_KEY = "split.no";
  private static final String COUNT_KEY = "split.count";
  private static final String TENSORS_KEY = "split.tensors.count";
  private static final String REMEDY = "Download all files of the model again.";

  /** The only model among a folder's files: its only file, or the first of its files. */
  static Optional<Path> only(List<Path> files) {
    return areOneModel(files.stream().map(Path::toString).toList())
        ? files.stream().sorted().findFirst()
        : Optional.empty();
  }

  /** Whether files of these names, one or more, belong to one model. */
  public static boolean areOneModel(List<String> names) {
    return names.stream().map(GgufShards::modelName).distinct().count() == 1;
  }

  private static String modelName(String file) {
    Matcher name = NAME.matcher(file);
    return name.matches() ? name.group(1) + name.group(3) : file;
  }

  /**
   * The files that belong to a model's first one, by that file's metadata.
   *
   * @throws CheckpointException naming the file that is missing, or the first one if it is not this
   */
  static GgufShards of(Path file, Map<String, Object> metadata) {
    long count = integer(metadata, COUNT_KEY, 1);
    long number = integer(metadata, NUMBER_KEY, 0);
    long tensors = integer(metadata, TENSORS_KEY, -1);
    if (count <= 1) {
      return new GgufShards(List.of(file), tensors);
    }
    Matcher name = NAME.matcher(file.toString());
    if (!name.matches() || Integer.parseInt(name.group(3)) != count) {
      throw CheckpointException.invalid(
          file.toString(),
          "is one of %d files of a model, but not named so".formatted(count),
          "Name the files as they were: NAME-00001-of-%05d.gguf and so on.".formatted(count));
    }
    List<Path> paths =
        IntStream.rangeClosed(1, (int) count)
            .mapToObj(i -> Path.of("%s-%05d-of-%05d.gguf".formatted(name.group(1), i, count)))
            .toList();
    for (Path path : paths) {
      if (!Files.isRegularFile(path)) {
        throw CheckpointException.notFound(
            path, "no such file; the model has %d".formatted(count), REMEDY);
      }
    }
    if (number != 0 || !paths.getFirst().equals(file)) {
      throw CheckpointException.unsupported(
          file.toString(),
          "is file %d of %d of a model".formatted(number + 1, count),
          "Give the first one: %s.".formatted(paths.getFirst()));
    }
    return new GgufShards(paths, tensors);
  }

  /** Checks that a later file is the one that its name says. */
  void check(int part, Map<String, Object> metadata) {
    if (integer(metadata, NUMBER_KEY, -1) != part
        || integer(metadata, COUNT_KEY, -1) != paths.size()) {
      throw invalid(
          part,
          "has %s = %s and %s = %s, not %d and %d"
              .formatted(
                  NUMBER_KEY,
                  metadata.get(NUMBER_KEY),
                  COUNT_KEY,
                  metadata.get(COUNT_KEY),
                  part,
                  paths.size()));
    }
  }

  /** Checks that all tensors are there. */
  void checkTensors(long found) {
    if (tensors >= 0 && tensors != found) {
      throw invalid(0, "says %d tensors, its files have %d".formatted(tensors, found));
    }
  }

  CheckpointException invalid(int part, String problem) {
    return CheckpointException.invalid(paths.get(part).toString(), problem, REMEDY);
  }

  private static long integer(Map<String, Object> metadata, String key, long absent) {
    return metadata.get(key) instanceof Long value ? value : absent;
  }
}
