package io.loraoperator.trainer.dataset;

import io.loraoperator.contract.FineTuneSpec;
import io.loraoperator.contract.Reason;
import io.loraoperator.trainer.RunFailure;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.Reader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Pattern;
import java.util.zip.GZIPInputStream;

/** How a file of rows is written. */
public enum DataFormat {
  /** One JSON object a line. */
  JSON_LINES,
  /** One array of JSON objects. */
  JSON_ARRAY,
  /** A header line, then one row a record; every value is text. */
  CSV,
  /** Like CSV, with tabs between the fields. */
  TSV,
  /** Columns with types, which may be nested. */
  PARQUET,
  /** Every line is a row with the one field {@code text}. */
  TEXT;

  private static final Pattern DATA_NAME =
      Pattern.compile(
          ".*\\.((jsonl|ndjson|json|csv|tsv|txt)(\\.gz)?|parquet)", Pattern.CASE_INSENSITIVE);

  private static final String REMEDY =
      "Name it .jsonl, .json, .csv, .tsv, .txt (also with .gz) or .parquet, or set the format in the manifest.";

  /** The format that the manifest names, or else that of the file's name. */
  static DataFormat of(Path file, FineTuneSpec.Format asked) {
    return switch (asked) {
      case JsonLines -> JSON_LINES;
      case Json -> JSON_ARRAY;
      case Csv -> CSV;
      case Tsv -> TSV;
      case Parquet -> PARQUET;
      case Text -> TEXT;
      case Auto ->
          byName(file)
              .orElseThrow(() ->
                  new RunFailure(
                      Reason.DatasetInvalid, file + ": its name does not tell the format", REMEDY));
    };
  }

  /** Whether a file's name is that of data. */
  public static boolean isData(String name) {
    return DATA_NAME.matcher(name).matches();
  }

  /** The format that a file's name stands for; {@code .json} may be either kind. */
  static Optional<DataFormat> byName(Path file) {
    String name = file.getFileName().toString().toLowerCase(Locale.ROOT);
    name = name.endsWith(".gz") ? name.substring(0, name.length() - 3) : name;
    if (name.endsWith(".jsonl") || name.endsWith(".ndjson")) {
      return Optional.of(JSON_LINES);
    }
    if (name.endsWith(".json")) {
      return Optional.of(startsWithArray(file) ? JSON_ARRAY : JSON_LINES);
    }
    return switch (name.substring(name.lastIndexOf('.') + 1)) {
      case "csv" -> Optional.of(CSV);
      case "tsv" -> Optional.of(TSV);
      case "parquet" -> Optional.of(PARQUET);
      case "txt" -> Optional.of(TEXT);
      default -> Optional.empty();
    };
  }

  /** What messages count its rows by. */
  String place() {
    return this == PARQUET ? "row" : "line";
  }

  /** Opens a file, unpacked if its name ends in {@code .gz}. */
  static InputStream open(Path file) throws IOException {
    InputStream in = Files.newInputStream(file);
    return file.toString().toLowerCase(Locale.ROOT).endsWith(".gz") ? new GZIPInputStream(in) : in;
  }

  private static boolean startsWithArray(Path file) {
    try (Reader reader = new InputStreamReader(open(file), StandardCharsets.UTF_8)) {
      int c = reader.read();
      while (c != -1 && (Character.isWhitespace(c) || c == '\uFEFF')) {
        c = reader.read();
      }
      return c == '[';
    } catch (IOException e) {
      throw DataErrors.unreadable(file, e);
    }
  }
}
