package io.loraoperator.trainer.dataset;

import io.loraoperator.contract.FineTuneSpec;
import io.loraoperator.contract.Reason;
import io.loraoperator.trainer.RunFailure;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Consumer;
import java.util.stream.Stream;

/**
 * The files of a data set, read as one sequence of rows, with one row in memory at a time: JSON and
 * Parquet keep their values' types, CSV and TSV are all text ("007" stays "007").
 */
public final class DataFiles {

  private final List<Path> files;
  private final FineTuneSpec.Format format;
  private final FineTuneSpec.Rows slice;

  /**
   * The rows of a file, or of all files of a folder that are named like data, in the order of their
   * names.
   *
   * @throws RunFailure if there is nothing to read
   */
  public DataFiles(Path fileOrFolder, FineTuneSpec.Format format, FineTuneSpec.Rows slice) {
    this.files = list(fileOrFolder, format);
    this.format = format;
    this.slice = slice;
  }

  /** The files, in the order in which they are read. */
  public List<Path> files() {
    return files;
  }

  /** Names of all columns that some row has. */
  public Set<String> columns() {
    Set<String> columns = new LinkedHashSet<>();
    for (Path file : files) {
      columns.addAll(RowReader.of(DataFormat.of(file, format)).columns(file));
    }
    return columns;
  }

  /**
   * Reads the rows in order, and no file that lies behind the slice.
   *
   * @return how many rows the slice has
   * @throws RunFailure naming file and line if a row is malformed
   */
  public long forEach(Consumer<DataRow> action) {
    long to = slice.to() == null ? Long.MAX_VALUE : slice.to();
    long[] position = {0};
    for (Path file : files) {
      if (position[0] < to) {
        RowReader.of(DataFormat.of(file, format))
            .read(
                file,
                row -> {
                  if (position[0]++ >= slice.from()) {
                    action.accept(row.get());
                  }
                  return position[0] < to;
                });
      }
    }
    return Math.max(0, position[0] - slice.from());
  }

  private static List<Path> list(Path fileOrFolder, FineTuneSpec.Format format) {
    if (Files.isDirectory(fileOrFolder)) {
      List<Path> found = new ArrayList<>();
      try (Stream<Path> children = Files.list(fileOrFolder)) {
        children
            .filter(Files::isRegularFile)
            .filter(file -> !file.getFileName().toString().startsWith("."))
            .filter(
                file -> format != FineTuneSpec.Format.Auto || DataFormat.byName(file).isPresent())
            .sorted()
            .forEach(found::add);
      } catch (IOException e) {
        throw DataErrors.unreadable(fileOrFolder, e);
      }
      if (found.isEmpty()) {
        throw new RunFailure(
            Reason.DatasetNotFound,
            fileOrFolder + ": the folder holds no .jsonl, .json, .csv, .tsv, .parquet or .txt file",
            "Put the data there, or correct the source of the data set.");
      }
      return found;
    }
    if (!Files.isRegularFile(fileOrFolder)) {
      throw new RunFailure(
          Reason.DatasetNotFound,
          fileOrFolder + ": there is no such file",
          "Correct the path of the data set.");
    }
    return List.of(fileOrFolder);
  }
}
