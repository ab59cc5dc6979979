package io.loraoperator.trainer.hub;

import io.loraoperator.trainer.dataset.DataFormat;
import io.loraoperator.trainer.storage.StorageException;
import io.loraoperator.trainer.storage.StorageException.Kind;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Which files of a repository are a split of a data set: those that its card names, or else those
 * whose names say so, by the rules of the Python library {@code datasets}.
 *
 * @see <a href="https://huggingface.co/docs/datasets/repository_structure">Structure your
 *     repository</a>
 */
final class DatasetFiles {

  /** The split where none is named. */
  static final String TRAIN = "train";

  private static final String CARD = "README.md";

  /** Files of the library itself, which hold no rows. */
  private static final Set<String> NO_DATA =
      Set.of("config.json", "dataset_info.json", "dataset_infos.json", "dataset_dict.json");

  /** {@code data/train-00000-of-00003.parquet}. */
  private static final Pattern SHARD =
      Pattern.compile("data/([^/]*)-\\d{5}-of-\\d{5}[^/]*\\.[^/]*");

  /** What a part of a name stands for. */
  private static final Map<String, List<String>> KEYWORDS = keywords();

  private static final String SEPARATOR = "[-._ 0-9]";

  private DatasetFiles() {}

  private static Map<String, List<String>> keywords() {
    Map<String, List<String>> keywords = new LinkedHashMap<>();
    keywords.put(TRAIN, List.of("train", "training"));
    keywords.put("validation", List.of("validation", "valid", "dev", "val"));
    keywords.put("test", List.of("test", "testing", "eval", "evaluation"));
    return keywords;
  }

  /** The card of a repository, if it has one. */
  static @Nullable HubFile card(HubSnapshot snapshot) {
    return snapshot.find(CARD).orElse(null);
  }

  /**
   * The files of a split, in the order of their rows.
   *
   * @param config null for the default one
   * @throws StorageException if there are none, naming what there is
   */
  static List<HubFile> of(
      HubSnapshot snapshot, DatasetCard card, @Nullable String config, String split) {
    DatasetCard.Configuration chosen = card.choose(config, snapshot.repository().toString());
    String folder = chosen.folder().replaceAll("^(\\./)+|/+$", "");
    String prefix = folder.isEmpty() ? "" : folder + "/";
    List<HubFile> candidates =
        snapshot.files().stream().filter(file -> file.path().startsWith(prefix)).toList();
    Map<String, List<HubFile>> splits =
        chosen.splits().isEmpty()
            ? byName(candidates, prefix.length())
            : byPatterns(candidates, prefix.length(), chosen.splits());
    List<HubFile> files = splits.getOrDefault(split, List.of());
    if (!files.isEmpty()) {
      return files;
    }
    boolean script =
        snapshot.files().stream().anyMatch(file -> file.atTop() && file.name().endsWith(".py"));
    throw new StorageException(
        Kind.NOT_FOUND,
        "%s: configuration %s has no files of split %s that can be read; it has %s"
            .formatted(
                snapshot.repository(),
                chosen.name(),
                split,
                splits.isEmpty()
                    ? "no .jsonl, .json, .csv, .tsv, .txt or .parquet file at all"
                        + (script
                            ? " but a Python script, which is never run; many such data sets have"
                                + " their rows under revision refs/convert/parquet"
                            : "")
                    : "the splits " + String.join(", ", splits.keySet())),
        null);
  }

  private static Map<String, List<HubFile>> byPatterns(
      List<HubFile> files, int from, Map<String, List<String>> patterns) {
    Map<String, List<HubFile>> splits = new LinkedHashMap<>();
    patterns.forEach((split, globs) -> {
      Set<HubFile> chosen = new LinkedHashSet<>();
      for (String glob : globs) {
        Pattern pattern = Glob.compile(glob.replaceAll("^(\\./)+", ""));
        boolean named = glob.indexOf('*') < 0;
        files.stream()
            .filter(file -> pattern.matcher(file.path().substring(from)).matches())
            .filter(file -> named || isVisible(file.path().substring(from)))
            .filter(file -> DataFormat.isData(file.name()))
            .forEach(chosen::add);
      }
      if (!chosen.isEmpty()) {
        splits.put(split, List.copyOf(chosen));
      }
    });
    return splits;
  }

  /** The first rule by which any file has a split decides; where none has, all is for training. */
  private static Map<String, List<HubFile>> byName(List<HubFile> all, int from) {
    List<HubFile> files =
        mostFrequentFormat(
            all.stream()
                .filter(file -> DataFormat.isData(file.name()))
                .filter(file -> !NO_DATA.contains(file.name()))
                .filter(file -> isVisible(file.path().substring(from)))
                .toList());
    Map<String, List<HubFile>> splits = new LinkedHashMap<>();
    for (HubFile file : files) {
      Matcher shard = SHARD.matcher(file.path().substring(from));
      if (shard.matches()) {
        splits.computeIfAbsent(shard.group(1), split -> new ArrayList<>()).add(file);
      }
    }
    for (boolean folders : new boolean[] {true, false}) {
      if (splits.isEmpty()) {
        KEYWORDS.forEach((split, words) -> {
          List<HubFile> found =
              files.stream()
                  .filter(file -> says(file.path().substring(from), folders, words))
                  .toList();
          if (!found.isEmpty()) {
            splits.put(split, found);
          }
        });
      }
    }
    if (splits.isEmpty() && !files.isEmpty()) {
      splits.put(TRAIN, files);
    }
    return splits;
  }

  /** Whether a word stands in a folder's name, or at a file's, between separators. */
  private static boolean says(String path, boolean folders, List<String> words) {
    String[] parts = path.split("/", -1);
    Stream<String> names =
        folders ? Arrays.stream(parts, 0, parts.length - 1) : Stream.of(parts[parts.length - 1]);
    Pattern word =
        Pattern.compile(
            "(.*%1$s)?(%2$s)(%1$s.*)%3$s"
                .formatted(SEPARATOR, String.join("|", words), folders ? "?" : ""),
            Pattern.DOTALL);
    return names.anyMatch(name -> word.matcher(name).matches());
  }

  /** Neither hidden nor in a hidden or private folder. */
  private static boolean isVisible(String path) {
    return Arrays.stream(path.split("/", -1))
        .noneMatch(part -> part.startsWith(".") || part.startsWith("__"));
  }

  /** A repository's other files, such as a text beside tables, are no rows. */
  private static List<HubFile> mostFrequentFormat(List<HubFile> files) {
    Map<String, List<HubFile>> formats = new LinkedHashMap<>();
    for (HubFile file : files) {
      String name = file.name().replaceFirst("(?i)\\.gz$", "");
      String suffix = name.substring(name.lastIndexOf('.') + 1).toLowerCase(Locale.ROOT);
      formats.computeIfAbsent(suffix, format -> new ArrayList<>()).add(file);
    }
    List<String> favourites = List.of("parquet", "jsonl", "json", "csv");
    return formats.entrySet().stream()
        .max(
            Comparator.<Map.Entry<String, List<HubFile>>>comparingInt(e -> e.getValue().size())
                .thenComparingInt(
                    e -> favourites.contains(e.getKey()) ? -favourites.indexOf(e.getKey()) : -9))
        .map(Map.Entry::getValue)
        .orElse(List.of());
  }
}
