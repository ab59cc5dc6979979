package io.loraoperator.trainer.dataset;

import java.nio.file.Path;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** CSV and TSV: a header, then records whose values are all text ("007" stays "007"). */
record SeparatedReader(DataFormat format) implements RowReader {

  private char separator() {
    return format == DataFormat.TSV ? '\t' : ',';
  }

  @Override
  public Set<String> columns(Path file) {
    return new LinkedHashSet<>(CsvHeader.read(file, separator()));
  }

  @Override
  public void read(Path file, Visitor visitor) {
    List<String> header = CsvHeader.read(file, separator());
    String sql = DuckDb.separated(file, header, separator());
    long[] index = {0};
    DuckDb.query(
        sql,
        result -> {
          DataRow row = row(file, index[0]++, header, result);
          return visitor.visit(() -> row);
        },
        e -> DuckDb.separatedFault(file, sql, e));
  }

  private DataRow row(Path file, long index, List<String> header, ResultSet result)
      throws SQLException {
    Map<String, @Nullable Object> fields = new LinkedHashMap<>();
    for (int i = 0; i < header.size(); i++) {
      fields.put(header.get(i), result.getString(i + 1));
    }
    return new DataRow(file, format, index, fields);
  }
}
