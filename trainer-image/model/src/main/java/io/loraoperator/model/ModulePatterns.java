package io.loraoperator.model;

import io.loraoperator.model.architecture.UnsupportedAdapterException;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.regex.Pattern;
import java.util.regex.PatternSyntaxException;

/**
 * Values of single modules, as PEFT's {@code rank_pattern} and {@code alpha_pattern}: a key is a
 * regular expression for a module's whole path or for its end behind a dot.
 *
 * <p>PEFT takes the first key that matches. Kubernetes keeps no order of a map's keys, so two keys
 * that give a module different values are refused.
 */
final class ModulePatterns {

  private final String field;
  private final Map<String, ? extends Number> values;
  private final Map<String, Pattern> patterns = new LinkedHashMap<>();

  /**
   * Compiles the keys.
   *
   * @param field what to call the map in messages
   * @throws UnsupportedAdapterException if a key is no regular expression
   */
  ModulePatterns(String field, Map<String, ? extends Number> values) {
    this.field = field;
    this.values = values;
    for (String key : values.keySet()) {
      try {
        patterns.put(key, Pattern.compile("(?:.*\\.)?(?:" + key + ")"));
      } catch (PatternSyntaxException e) {
        throw new UnsupportedAdapterException(
            field, "The key %s is no regular expression: %s.".formatted(key, e.getDescription()));
      }
    }
  }

  /**
   * Refuses keys without effect.
   *
   * @throws UnsupportedAdapterException naming a key that matches none of the modules
   */
  void mustMatch(Collection<String> modules) {
    patterns.forEach((key, pattern) -> {
      if (modules.stream().noneMatch(m -> pattern.matcher(m).matches())) {
        throw new UnsupportedAdapterException(
            field, "No adapted module is called %s.".formatted(key));
      }
    });
  }

  /**
   * The value of a module, or the fallback.
   *
   * @throws UnsupportedAdapterException if two keys give it different values
   */
  double of(String module, double fallback) {
    String found = null;
    for (Map.Entry<String, Pattern> entry : patterns.entrySet()) {
      if (!entry.getValue().matcher(module).matches()) {
        continue;
      }
      if (found != null && value(found) != value(entry.getKey())) {
        throw new UnsupportedAdapterException(
            field,
            "%s has two values, by %s and by %s; write keys of which one matches."
                .formatted(module, found, entry.getKey()));
      }
      found = entry.getKey();
    }
    return found == null ? fallback : value(found);
  }

  private double value(String key) {
    Number value = values.get(key);
    if (value == null) {
      throw new IllegalStateException(key);
    }
    return value.doubleValue();
  }
}
