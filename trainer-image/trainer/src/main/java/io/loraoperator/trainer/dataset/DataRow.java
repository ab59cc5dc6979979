package io.loraoperator.trainer.dataset;

import io.loraoperator.contract.Reason;
import io.loraoperator.trainer.RunFailure;
import java.nio.file.Path;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * One row of a data set.
 *
 * @param index within its file, from 0
 * @param fields by column; values are strings, numbers, booleans, lists, maps or null
 */
public record DataRow(
    Path file, DataFormat format, long index, Map<String, @Nullable Object> fields) {

  /**
   * A column's text.
   *
   * @throws RunFailure naming file, line and field if it is absent or no text
   */
  public String text(String field) {
    Object value = fields.get(field);
    if (value instanceof String text) {
      return text;
    }
    if (!fields.containsKey(field)) {
      throw invalid(
          "there is no field \"%s\"; the row has %s"
              .formatted(field, String.join(", ", fields.keySet())));
    }
    throw invalid(
        "field \"%s\" must be text, not %s"
            .formatted(field, value == null ? "null" : value.getClass().getSimpleName()));
  }

  /** A failure that names this row's file and line. */
  public RunFailure invalid(String problem) {
    long line = RowLocator.line(file, format, index);
    return new RunFailure(
        Reason.DatasetInvalid,
        "%s, %s %d: %s".formatted(file, format.place(), line, problem),
        "Correct this " + format.place() + " of the file, or the field's name under spec.dataset.");
  }
}
