package io.loraoperator.trainer.prompt;

import io.loraoperator.contract.InvalidSpecException;
import io.loraoperator.trainer.dataset.DataRow;
import io.loraoperator.trainer.template.Template;
import io.loraoperator.trainer.template.TemplateException;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Set;

/**
 * A Jinja template over the columns of a row. A column that no row has is an error, unless the
 * template asks whether it is there; one that is null or absent in a row is an empty text.
 */
final class RowTemplate {

  private final String field;
  private final Template template;
  private final Set<String> columns;

  /**
   * Reads a template.
   *
   * @param field where the template stands in the manifest, for messages
   * @param columns all columns that some row has
   * @throws InvalidSpecException if it is no template, or uses another column
   */
  RowTemplate(String field, String source, Set<String> columns) {
    this.field = field;
    this.columns = columns;
    this.template = TemplateFailures.parse(field, source);
    Set<String> unknown = new LinkedHashSet<>(template.variables());
    unknown.removeAll(columns);
    if (!unknown.isEmpty()) {
      throw new InvalidSpecException(
          field,
          "uses %s, which is no column of the data".formatted(String.join(", ", unknown)),
          "use one of " + String.join(", ", columns));
    }
  }

  /** The template's text for a row. */
  String render(DataRow row) {
    try {
      Map<String, Object> values = new HashMap<>();
      columns.forEach(name -> values.put(name, ""));
      row.fields().forEach((name, value) -> values.put(name, value == null ? "" : value));
      return template.render(values).text();
    } catch (TemplateException e) {
      throw TemplateFailures.of(e, field, row);
    }
  }
}
