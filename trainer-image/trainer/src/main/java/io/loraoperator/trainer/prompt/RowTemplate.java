package io.loraoperator.trainer.prompt;

import com.hubspot.jinjava.Jinjava;
import com.hubspot.jinjava.JinjavaConfig;
import com.hubspot.jinjava.LegacyOverrides;
import com.hubspot.jinjava.interpret.Context;
import com.hubspot.jinjava.interpret.RenderResult;
import com.hubspot.jinjava.interpret.TemplateError;
import io.loraoperator.contract.InvalidSpecException;
import io.loraoperator.trainer.dataset.DataRow;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/**
 * A Jinja template over the columns of a row. Templates come from strangers: they reach no class,
 * no file and no other template, and output, nesting, lists and time are limited. A column that no
 * row has is an error; one that is null or absent in a row is an empty text.
 */
final class RowTemplate {

  private static final int MAXIMUM_CHARACTERS = 8 << 20;
  private static final int MAXIMUM_DEPTH = 32;
  private static final int MAXIMUM_ITEMS = 100_000;
  private static final int MAXIMUM_RANGE = 10_000;
  private static final int MAXIMUM_SECONDS = 10;

  private static final JinjavaConfig CONFIG =
      JinjavaConfig.newBuilder()
          .withMaxOutputSize(MAXIMUM_CHARACTERS)
          .withMaxStringLength(MAXIMUM_CHARACTERS)
          .withMaxRenderDepth(MAXIMUM_DEPTH)
          .withMaxListSize(MAXIMUM_ITEMS)
          .withMaxMapSize(MAXIMUM_ITEMS)
          .withRangeLimit(MAXIMUM_RANGE)
          .withNestedInterpretationEnabled(false)
          .withFailOnUnknownTokens(true)
          .withDisabled(
              Map.of(
                  Context.Library.TAG, Set.of("include", "import", "from", "extends"),
                  Context.Library.FUNCTION, Set.of("today", "unixtimestamp")))
          .withLegacyOverrides(
              LegacyOverrides.newBuilder()
                  .withUsePyishObjectMapper(true)
                  .withParseWhitespaceControlStrictly(true)
                  .withKeepNullableLoopValues(true)
                  .withIterateOverMapKeys(true)
                  .build())
          .build();

  private static final ExecutorService RENDERER =
      Executors.newSingleThreadExecutor(task -> {
        Thread thread = new Thread(task, "template");
        thread.setDaemon(true);
        return thread;
      });

  private final Jinjava engine = new Jinjava(CONFIG);
  private final String field;
  private final String template;
  private final Set<String> columns;

  /**
   * @param field where the template stands in the manifest, for messages
   */
  RowTemplate(String field, String template, Set<String> columns) {
    this.field = field;
    this.template = template;
    this.columns = columns;
  }

  /** The template's text for a row. */
  String render(DataRow row) {
    Map<String, @Nullable Object> bindings = new HashMap<>();
    columns.forEach(name -> bindings.put(name, ""));
    row.fields().forEach((name, value) -> bindings.put(name, value == null ? "" : value));
    RenderResult result = withinTime(bindings);
    for (TemplateError error : result.getErrors()) {
      if (error.getReason() == TemplateError.ErrorReason.UNKNOWN) {
        throw new InvalidSpecException(
            field,
            "uses %s, which is no column of the data".formatted(error.getFieldName()),
            "use one of " + String.join(", ", columns));
      }
      if (error.getReason() == TemplateError.ErrorReason.SYNTAX_ERROR) {
        throw new InvalidSpecException(
            field,
            "line %d: %s".formatted(error.getLineno(), error.getMessage()),
            "correct the template");
      }
      throw row.invalid("the template of %s fails: %s".formatted(field, error.getMessage()));
    }
    return result.getOutput();
  }

  private RenderResult withinTime(Map<String, @Nullable Object> bindings) {
    try {
      return RENDERER
          .submit(() -> engine.renderForResult(template, bindings))
          .get(MAXIMUM_SECONDS, TimeUnit.SECONDS);
    } catch (TimeoutException e) {
      throw new InvalidSpecException(
          field,
          "takes more than %d seconds for one row".formatted(MAXIMUM_SECONDS),
          "make its loops smaller");
    } catch (ExecutionException e) {
      throw new InvalidSpecException(
          field, "cannot be rendered: " + e.getCause(), "correct the template");
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new InvalidSpecException(field, "was interrupted while rendering", "try again");
    }
  }
}
