package io.loraoperator.trainer.dataset;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.loraoperator.contract.FineTuneSpec;
import io.loraoperator.contract.Reason;
import io.loraoperator.trainer.RunFailure;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The files of a data set, read as one sequence of rows: JSON keeps its values' types, CSV is all
 * text ("007" stays "007"). DuckDB reads them, with one row in memory at a time.
 */
public final class DataFiles {

  private static final ObjectMapper JSON = new ObjectMapper();
  private static final TypeReference<LinkedHashMap<String, @Nullable Object>> ROW =
      new TypeReference<>() {};

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
    try (Connection connection = DuckDb.connect()) {
      for (Path file : files) {
        DataFormat kind = DataFormat.of(file, format);
        if (kind == DataFormat.CSV) {
          columns.addAll(CsvHeader.read(file));
        } else {
          query(
              connection,
              file,
              kind,
              DuckDb.keys(file, kind),
              row -> columns.add(row.getString(1)));
        }
      }
    } catch (SQLException e) {
      throw internal(e);
    }
    return columns;
  }

  /**
   * Reads the rows in order.
   *
   * @return how many rows the slice has
   * @throws RunFailure naming file and line if a row is malformed
   */
  public long forEach(Consumer<DataRow> action) {
    long[] position = {0, 0};
    try (Connection connection = DuckDb.connect()) {
      for (Path file : files) {
        if (slice.to() != null && position[0] >= slice.to()) {
          break;
        }
        DataFormat kind = DataFormat.of(file, format);
        List<String> header = kind == DataFormat.CSV ? CsvHeader.read(file) : List.of();
        long[] index = {0};
        String sql = kind == DataFormat.CSV ? DuckDb.csv(file, header) : DuckDb.json(file, kind);
        query(
            connection,
            file,
            kind,
            sql,
            result -> {
              long number = position[0]++;
              long row = index[0]++;
              if (number >= slice.from() && (slice.to() == null || number < slice.to())) {
                position[1]++;
                action.accept(
                    kind == DataFormat.CSV
                        ? csvRow(file, row, header, result)
                        : jsonRow(file, kind, row, result.getString(1)));
              }
            });
      }
    } catch (SQLException e) {
      throw internal(e);
    }
    return position[1];
  }

  /** What is done with a row of a query. */
  private interface ResultAction {
    void accept(ResultSet row) throws SQLException;
  }

  private static void query(
      Connection connection, Path file, DataFormat kind, String sql, ResultAction action) {
    try (Statement statement = connection.createStatement();
        ResultSet result = statement.executeQuery(sql)) {
      while (result.next()) {
        action.accept(result);
      }
    } catch (SQLException e) {
      throw kind == DataFormat.CSV ? DuckDb.csvFault(file, sql, e) : RowLocator.fault(file, kind);
    }
  }

  private static DataRow csvRow(Path file, long index, List<String> header, ResultSet result)
      throws SQLException {
    Map<String, @Nullable Object> fields = new LinkedHashMap<>();
    for (int i = 0; i < header.size(); i++) {
      fields.put(header.get(i), result.getString(i + 1));
    }
    return new DataRow(file, DataFormat.CSV, index, fields);
  }

  private static DataRow jsonRow(Path file, DataFormat kind, long index, String json) {
    DataRow empty = new DataRow(file, kind, index, Map.of());
    if (!json.startsWith("{")) {
      throw empty.invalid("is not an object of fields");
    }
    try {
      return new DataRow(file, kind, index, JSON.readValue(json, ROW));
    } catch (JsonProcessingException e) {
      throw empty.invalid("is not JSON: " + e.getOriginalMessage());
    }
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
            fileOrFolder + ": the folder holds no .jsonl, .json or .csv file",
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

  private static RunFailure internal(SQLException e) {
    return new RunFailure(
        Reason.InternalError,
        "the reader of data files cannot be used: " + e.getMessage(),
        Reason.InternalError.remedy(),
        e);
  }
}
