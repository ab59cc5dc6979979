package io.loraoperator.trainer.dataset;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.loraoperator.contract.FineTuneSpec.Format;
import io.loraoperator.contract.FineTuneSpec.Rows;
import io.loraoperator.trainer.RunFailure;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.zip.GZIPOutputStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The same rows in every format, slices of them, and files that are broken. */
class DataFilesTest {

  @TempDir Path folder;

  private static List<Map<String, @Nullable Object>> rows(Path file, Format format, Rows slice) {
    List<Map<String, @Nullable Object>> rows = new ArrayList<>();
    long count = new DataFiles(file, format, slice).forEach(row -> rows.add(row.fields()));
    assertThat(count).isEqualTo(rows.size());
    return rows;
  }

  private static List<Map<String, @Nullable Object>> rows(Path file) {
    return rows(file, Format.Auto, new Rows(0, null));
  }

  private Path write(String name, String text) throws IOException {
    return Files.writeString(folder.resolve(name), text);
  }

  private Path parquet(String name, String select) throws SQLException {
    Path file = folder.resolve(name);
    try (Connection connection = DuckDb.connect();
        Statement statement = connection.createStatement()) {
      statement.execute("COPY (" + select + ") TO '" + file + "' (FORMAT parquet)");
    }
    return file;
  }

  @Test
  void separatedValuesAreText() throws IOException {
    String table = "id{s}say\n007{s}\"a {s} \"\"b\"\"\nc\"\n8{s}日本 🎉\n";
    List<Map<String, @Nullable Object>> csv = rows(write("a.csv", table.replace("{s}", ",")));
    List<Map<String, @Nullable Object>> tsv = rows(write("a.tsv", table.replace("{s}", "\t")));
    assertThat(csv)
        .containsExactly(
            Map.of("id", "007", "say", "a , \"b\"\nc"), Map.of("id", "8", "say", "日本 🎉"));
    assertThat(tsv)
        .containsExactly(
            Map.of("id", "007", "say", "a \t \"b\"\nc"), Map.of("id", "8", "say", "日本 🎉"));
  }

  @Test
  void parquetKeepsTypesAndNesting() throws SQLException {
    Path file =
        parquet(
            "a.parquet",
            "SELECT '007' AS id, 3 AS n, 0.5::DOUBLE AS x, true AS b, NULL AS nothing,"
                + " [{'role': 'user', 'content': 'a \"q\" 日本'}, {'role': 'assistant', 'content': NULL}]"
                + " AS messages UNION ALL SELECT '8', 4, 1e30, false, NULL, []");
    List<Map<String, @Nullable Object>> rows = rows(file);
    assertThat(rows).hasSize(2);
    assertThat(rows.getFirst())
        .containsEntry("id", "007")
        .containsEntry("n", 3)
        .containsEntry("x", 0.5)
        .containsEntry("b", true)
        .containsEntry("nothing", null);
    assertThat(String.valueOf(rows.getFirst().get("messages")))
        .isEqualTo("[{role=user, content=a \"q\" 日本}, {role=assistant, content=null}]");
    assertThat(new DataFiles(file, Format.Auto, new Rows(0, null)).columns())
        .containsExactly("id", "n", "x", "b", "nothing", "messages");
  }

  @Test
  void everyLineOfATextIsARow() throws IOException {
    assertThat(rows(write("a.txt", "\uFEFFone\r\n\n three\u2028\nlast")))
        .extracting(row -> row.get("text"))
        .containsExactly("one", "", " three\u2028", "last");
    assertThat(rows(write("b.txt", ""))).isEmpty();
    Path named = write("c.log", "x\ny\n");
    assertThat(rows(named, Format.Text, new Rows(1, null))).containsExactly(Map.of("text", "y"));
  }

  @ParameterizedTest
  @CsvSource({
    "0,   , abcdefg",
    "0,  3, abc",
    "2,  5, cde",
    "3,  4, d",
    "4, 99, efg",
    "7,   , ''",
    "9, 12, ''"
  })
  void aSliceCountsThroughAllFiles(int from, @Nullable Integer to, String expected)
      throws IOException, SQLException {
    Path data = Files.createDirectory(folder.resolve("data"));
    write("data/1.jsonl", "{\"text\": \"a\"}\n\n{\"text\": \"b\"}\n");
    write("data/2.csv", "text\nc\nd\n");
    parquet("data/3.parquet", "SELECT 'e' AS text UNION ALL SELECT 'f'");
    write("data/4.txt", "g\n");
    StringBuilder seen = new StringBuilder();
    rows(data, Format.Auto, new Rows(from, to)).forEach(row -> seen.append(row.get("text")));
    assertThat(seen.toString()).isEqualTo(expected);
  }

  @Test
  void noFileBehindTheSliceIsRead() throws IOException {
    write("1.jsonl", "{\"text\": 1}\n".repeat(3));
    Files.write(folder.resolve("2.txt"), new byte[] {'a', '\n', (byte) 0xFF, '\n'});
    assertThat(rows(folder, Format.Auto, new Rows(1, 3))).hasSize(2);
    assertThatThrownBy(() -> rows(folder)).hasMessageContaining("2.txt, line");
  }

  @Test
  void packedFilesAreUnpacked() throws IOException {
    Map<String, String> contents =
        Map.of(
            "a.tsv.gz", "a\tb\n1\t2\n",
            "a.csv.gz", "a,b\n1,2\n",
            "a.jsonl.gz", "{\"a\": \"1\", \"b\": \"2\"}\n");
    for (Map.Entry<String, String> content : contents.entrySet()) {
      Path file = folder.resolve(content.getKey());
      try (OutputStream out = new GZIPOutputStream(Files.newOutputStream(file))) {
        out.write(content.getValue().getBytes(StandardCharsets.UTF_8));
      }
      assertThat(rows(file)).containsExactly(Map.of("a", "1", "b", "2"));
    }
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          a.tsv     | a\\tb\\n1\\t2\\t3\\n       | a.tsv, line 2
          a.tsv     | a\\ta\\n1\\t2\\n          | a.tsv, line 1: the header must name every column once
          a.parquet | PAR1 and nothing more    | a.parquet: cannot be read as PARQUET
          a.parquet | ''                       | a.parquet: cannot be read as PARQUET
          a.bin     | x                        | a.bin: its name does not tell the format
          """)
  void brokenFilesAreNamed(String name, String content, String message) throws IOException {
    Path file = write(name, content.replace("\\t", "\t").replace("\\n", "\n"));
    assertThatThrownBy(() -> rows(file))
        .isInstanceOf(RunFailure.class)
        .hasMessageContaining(message);
  }
}
