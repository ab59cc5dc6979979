package io.loraoperator.trainer.dataset;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Formats whose values have types and may be nested; every row passes as its JSON text. */
record ObjectReader(DataFormat format) implements RowReader {

  private static final ObjectMapper JSON = new ObjectMapper();
  private static final TypeReference<LinkedHashMap<String, @Nullable Object>> ROW =
      new TypeReference<>() {};

  @Override
  public Set<String> columns(Path file) {
    Set<String> columns = new LinkedHashSet<>();
    String sql =
        format == DataFormat.PARQUET ? DuckDb.parquetColumns(file) : DuckDb.keys(file, format);
    DuckDb.query(
        sql,
        row -> {
          columns.add(row.getString(1));
          return true;
        },
        e -> DuckDb.fault(file, format, e));
    return columns;
  }

  @Override
  public void read(Path file, Visitor visitor) {
    long[] index = {0};
    String sql = format == DataFormat.PARQUET ? DuckDb.parquet(file) : DuckDb.json(file, format);
    DuckDb.query(
        sql,
        result -> {
          long row = index[0]++;
          String json = result.getString(1);
          return visitor.visit(() -> row(file, row, json));
        },
        e -> DuckDb.fault(file, format, e));
  }

  private DataRow row(Path file, long index, String json) {
    DataRow empty = new DataRow(file, format, index, Map.of());
    if (!json.startsWith("{")) {
      throw empty.invalid("is not an object of fields");
    }
    try {
      return new DataRow(file, format, index, JSON.readValue(json, ROW));
    } catch (JsonProcessingException e) {
      throw empty.invalid("is not JSON: " + e.getOriginalMessage());
    }
  }
}
