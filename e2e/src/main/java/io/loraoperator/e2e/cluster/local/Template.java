package io.loraoperator.e2e.cluster.local;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The configuration files of a node's programs, with <code>${name}</code> to be filled in. */
final class Template {
  private static final Pattern PLACEHOLDER = Pattern.compile("\\$\\{([A-Za-z]+)}");

  private Template() {}

  /** A file as it is. */
  static String text(String name) {
    try (InputStream stream = Template.class.getResourceAsStream(name)) {
      if (stream == null) {
        throw new IllegalArgumentException("No template " + name);
      }
      return new String(stream.readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException failure) {
      throw new UncheckedIOException("Cannot read template " + name, failure);
    }
  }

  /** A file with every placeholder replaced; one without a value is an error. */
  static String fill(String name, Map<String, String> values) {
    return PLACEHOLDER
        .matcher(text(name))
        .replaceAll(match -> {
          String value = values.get(match.group(1));
          if (value == null) {
            throw new IllegalArgumentException(
                "Template " + name + ": no value for " + match.group());
          }
          return Matcher.quoteReplacement(value);
        });
  }
}
