package io.loraoperator.trainer.dataset;

import java.nio.file.Path;
import java.util.Set;
import java.util.function.Supplier;

/** Reads the rows of one format. */
interface RowReader {

  /** Is given the rows in order. */
  interface Visitor {
    /**
     * Takes the next row.
     *
     * @param row makes the row, for rows that are wanted
     * @return whether to go on
     */
    boolean visit(Supplier<DataRow> row);
  }

  /** Names of all columns that some row of a file has. */
  Set<String> columns(Path file);

  /**
   * Reads a file's rows until its end, or until the visitor has enough.
   *
   * @throws io.loraoperator.trainer.RunFailure naming file and line if the file is malformed
   */
  void read(Path file, Visitor visitor);

  /** The reader of a format. */
  static RowReader of(DataFormat format) {
    return switch (format) {
      case JSON_LINES, JSON_ARRAY, PARQUET -> new ObjectReader(format);
      case CSV, TSV -> new SeparatedReader(format);
      case TEXT -> new TextReader();
    };
  }
}
