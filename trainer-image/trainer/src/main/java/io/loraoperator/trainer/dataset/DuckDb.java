package io.loraoperator.trainer.dataset;

import io.loraoperator.trainer.RunFailure;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;
import java.util.Properties;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/** The embedded engine that reads data files: its settings and its queries. */
final class DuckDb {

  /** The largest row that is read. */
  private static final int MAXIMUM_ROW_BYTES = 64 << 20;

  private static final Pattern CSV_LINE = Pattern.compile("CSV Error on Line: (\\d+)");

  private DuckDb() {}

  /** A database in memory that streams results and fetches nothing from anywhere. */
  static Connection connect() throws SQLException {
    return connect(true);
  }

  private static Connection connect(boolean stream) throws SQLException {
    Properties settings = new Properties();
    settings.setProperty("jdbc_stream_results", String.valueOf(stream));
    settings.setProperty("autoinstall_known_extensions", "false");
    settings.setProperty("autoload_known_extensions", "false");
    settings.setProperty("threads", "1");
    settings.setProperty("memory_limit", "1GB");
    return DriverManager.getConnection("jdbc:duckdb:", settings);
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

  /** Each record with all values as text; nothing is guessed. */
  static String csv(Path file, List<String> header) {
    String columns =
        header.stream()
            .map(name -> literal(name) + ": 'VARCHAR'")
            .collect(Collectors.joining(", ", "{", "}"));
    // No text stands for null: an empty field is an empty text.
    return "SELECT * FROM read_csv(%s, auto_detect = false, header = true, delim = ',', quote = '\"', escape = '\"', strict_mode = true, nullstr = '\\0', max_line_size = %d, columns = %s)"
        .formatted(literal(file.toString()), MAXIMUM_ROW_BYTES, columns);
  }

  /** What is wrong with a CSV file; a streamed result does not tell. */
  static RunFailure csvFault(Path file, String sql, SQLException streamed) {
    String message = String.valueOf(streamed.getMessage());
    try (Connection connection = connect(false);
        Statement statement = connection.createStatement();
        ResultSet result = statement.executeQuery("SELECT count(COLUMNS(*)) FROM (" + sql + ")")) {
      result.next();
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
