package io.loraoperator.trainer.dataset;

import io.loraoperator.contract.Reason;
import io.loraoperator.trainer.RunFailure;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;
import java.util.Properties;
import java.util.function.Function;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.duckdb.DuckDBConnection;
import org.jspecify.annotations.Nullable;

/** The embedded engine that reads data files: its settings and its queries. */
final class DuckDb {

  /** The largest row that is read. */
  static final int MAXIMUM_ROW_BYTES = 64 << 20;

  private static final Pattern CSV_LINE = Pattern.compile("CSV Error on Line: (\\d+)");

  private static final String STREAM_RESULTS = "jdbc_stream_results";

  private static @Nullable DuckDBConnection database;

  private DuckDb() {}

  /**
   * A connection to the process's database in memory, which streams results and fetches nothing
   * from anywhere. Making a database takes forty times as long as reading a small file.
   */
  static synchronized Connection connect() throws SQLException {
    if (database == null) {
      database = open();
    }
    return database.duplicate();
  }

  private static DuckDBConnection open() throws SQLException {
    Properties settings = new Properties();
    settings.setProperty(STREAM_RESULTS, "true");
    settings.setProperty("autoinstall_known_extensions", "false");
    settings.setProperty("autoload_known_extensions", "false");
    settings.setProperty("threads", "1");
    settings.setProperty("memory_limit", "1GB");
    return DriverManager.getConnection("jdbc:duckdb:", settings).unwrap(DuckDBConnection.class);
  }

  /** Each row as its own JSON text. */
  static String json(Path file, DataFormat format) {
    return "SELECT json FROM read_json_objects(%s, format = %s, maximum_object_size = %d)"
        .formatted(
            literal(file.toString()),
            literal(format == DataFormat.JSON_ARRAY ? "array" : "newline_delimited"),
            MAXIMUM_ROW_BYTES);
  }

  /** The names of all fields of all objects. */
  static String keys(Path file, DataFormat format) {
    return "SELECT DISTINCT unnest(json_keys(json)) FROM (%s) WHERE json_type(json) = 'OBJECT'"
        .formatted(json(file, format));
  }

  /** Each row of a Parquet file as JSON text. */
  static String parquet(Path file) {
    return "SELECT to_json(r) FROM read_parquet(%s) AS r".formatted(literal(file.toString()));
  }

  /** The names of a Parquet file's columns. */
  static String parquetColumns(Path file) {
    return "SELECT column_name FROM (DESCRIBE SELECT * FROM read_parquet(%s))"
        .formatted(literal(file.toString()));
  }

  /** Each record with all values as text; nothing is guessed. */
  static String separated(Path file, List<String> header, char separator) {
    String columns =
        header.stream()
            .map(name -> literal(name) + ": 'VARCHAR'")
            .collect(Collectors.joining(", ", "{", "}"));
    // No text stands for null: an empty field is an empty text.
    return "SELECT * FROM read_csv(%s, auto_detect = false, header = true, delim = %s, quote = '\"', escape = '\"', strict_mode = true, nullstr = '\\0', max_line_size = %d, buffer_size = %d, columns = %s)"
        .formatted(
            literal(file.toString()),
            literal(String.valueOf(separator)),
            MAXIMUM_ROW_BYTES,
            MAXIMUM_ROW_BYTES,
            columns);
  }

  /** What is done with a row of a result. */
  interface ResultAction {
    /** Takes a row and says whether to go on. */
    boolean accept(ResultSet row) throws SQLException;
  }

  /** Runs a query; a fault of the data becomes the failure that the caller makes of it. */
  static void query(String sql, ResultAction action, Function<SQLException, RunFailure> fault) {
    try (Connection connection = connect()) {
      try (Statement statement = connection.createStatement();
          ResultSet result = statement.executeQuery(sql)) {
        boolean goOn = true;
        while (goOn && result.next()) {
          goOn = action.accept(result);
        }
      } catch (SQLException e) {
        throw fault.apply(e);
      }
    } catch (SQLException e) {
      throw new RunFailure(
          Reason.InternalError,
          "the reader of data files cannot be used: " + e.getMessage(),
          Reason.InternalError.remedy(),
          e);
    }
  }

  /** What is wrong with a file of objects. */
  static RunFailure fault(Path file, DataFormat format, SQLException e) {
    return format == DataFormat.PARQUET
        ? DataErrors.notReadableAs(
            file, format, String.valueOf(e.getMessage()).lines().findFirst().orElse(""))
        : RowLocator.fault(file, format);
  }

  /** What is wrong with a file of separated values; a streamed result does not tell. */
  static RunFailure separatedFault(Path file, String sql, SQLException streamed) {
    String message = String.valueOf(streamed.getMessage());
    try (Connection connection = connect();
        Statement statement = connection.createStatement()) {
      statement.execute("SET %s = false".formatted(STREAM_RESULTS));
      try (ResultSet result =
          statement.executeQuery("SELECT count(COLUMNS(*)) FROM (" + sql + ")")) {
        result.next();
      }
    } catch (SQLException e) {
      message = String.valueOf(e.getMessage());
    }
    Matcher line = CSV_LINE.matcher(message);
    long number = line.find() ? Long.parseLong(line.group(1)) : 0;
    return DataErrors.invalid(file, number, problem(message));
  }

  private static String problem(String message) {
    return message
        .lines()
        // A record that is quoted may have very many of them.
        .filter(text -> !text.isBlank())
        .filter(text ->
            text.startsWith("Expected Number of Columns")
                || text.startsWith("Value with unterminated quote")
                || text.startsWith("Invalid unicode")
                || text.startsWith("Maximum line size"))
        .findFirst()
        .orElseGet(() -> message.lines().findFirst().orElse("is not CSV"));
  }

  private static String literal(String text) {
    return "'" + text.replace("'", "''") + "'";
  }
}
