package io.loraoperator.contract;

import com.fasterxml.jackson.databind.JsonNode;
import java.math.BigDecimal;
import java.net.URI;
import java.net.URISyntaxException;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;

/** The values a field of {@code spec} may take. */
public sealed interface FieldType {

  /** How decimals are written: Kubernetes APIs have no floating-point fields. */
  Pattern DECIMAL = Pattern.compile("-?\\d{1,20}(\\.\\d{1,20})?([eE][+-]?\\d{1,2})?");

  /**
   * Says what is wrong with a value.
   *
   * @return what is expected, to follow "must be"; empty if the value is right
   */
  Optional<String> expectation(JsonNode value);

  /**
   * A string.
   *
   * @param maxLength in characters
   */
  record Text(int maxLength) implements FieldType {
    @Override
    public Optional<String> expectation(JsonNode value) {
      boolean fits = value.isTextual() && value.textValue().length() <= maxLength;
      return fits
          ? Optional.empty()
          : Optional.of("a string of at most " + maxLength + " characters");
    }
  }

  /** An address of objects: {@code s3://bucket/key}. */
  record S3Uri() implements FieldType {
    private static final Pattern FORM =
        Pattern.compile("s3://[a-z0-9][a-z0-9.-]{1,61}[a-z0-9](/.*)?");

    @Override
    public Optional<String> expectation(JsonNode value) {
      boolean fits =
          value.isTextual()
              && value.textValue().length() <= 1024
              && FORM.matcher(value.textValue()).matches();
      return fits
          ? Optional.empty()
          : Optional.of(
              "an address such as s3://bucket/folder/ (a bucket's name has 3 to 63 characters)");
    }
  }

  /** A repository of the Hugging Face hub; the oldest ones have no owner. */
  record HubRepository() implements FieldType {
    private static final Pattern FORM =
        Pattern.compile("([A-Za-z0-9][A-Za-z0-9_.-]*/)?[A-Za-z0-9][A-Za-z0-9_.-]*");

    @Override
    public Optional<String> expectation(JsonNode value) {
      boolean fits =
          value.isTextual()
              && value.textValue().length() <= 128
              && FORM.matcher(value.textValue()).matches();
      return fits ? Optional.empty() : Optional.of("a repository such as microsoft/phi-2");
    }
  }

  /** An address of a web server. */
  record HttpUrl() implements FieldType {
    @Override
    public Optional<String> expectation(JsonNode value) {
      boolean fits =
          value.isTextual() && value.textValue().length() <= 1024 && isWeb(value.textValue());
      return fits ? Optional.empty() : Optional.of("an address such as https://huggingface.co");
    }

    private static boolean isWeb(String text) {
      try {
        URI uri = new URI(text);
        return ("https".equals(uri.getScheme()) || "http".equals(uri.getScheme()))
            && uri.getHost() != null;
      } catch (URISyntaxException e) {
        return false;
      }
    }
  }

  /** An integer between two bounds, both included. */
  record Whole(long minimum, long maximum) implements FieldType {
    @Override
    public Optional<String> expectation(JsonNode value) {
      boolean fits =
          value.isIntegralNumber()
              && value.canConvertToLong()
              && value.longValue() >= minimum
              && value.longValue() <= maximum;
      return fits
          ? Optional.empty()
          : Optional.of("an integer from %d to %d, without quotes".formatted(minimum, maximum));
    }
  }

  /**
   * A decimal number written as a string.
   *
   * @param above the value lies above this, or is equal to it where {@code aboveIncluded}
   * @param below the value lies below this, or is equal to it where {@code belowIncluded}
   */
  record Decimal(BigDecimal above, boolean aboveIncluded, BigDecimal below, boolean belowIncluded)
      implements FieldType {
    @Override
    public Optional<String> expectation(JsonNode value) {
      if (value.isTextual() && DECIMAL.matcher(value.textValue()).matches()) {
        BigDecimal number = new BigDecimal(value.textValue());
        int low = number.compareTo(above);
        int high = number.compareTo(below);
        if ((low > 0 || (low == 0 && aboveIncluded))
            && (high < 0 || (high == 0 && belowIncluded))) {
          return Optional.empty();
        }
      }
      return Optional.of(
          "a decimal number in quotes, %s %s and %s %s"
              .formatted(
                  aboveIncluded ? "at least" : "above",
                  above.toPlainString(),
                  belowIncluded ? "at most" : "below",
                  below.toPlainString()));
    }
  }

  /** One of some names. */
  record Choice(List<String> values) implements FieldType {
    public Choice {
      values = List.copyOf(values);
    }

    @Override
    public Optional<String> expectation(JsonNode value) {
      boolean fits = value.isTextual() && values.contains(value.textValue());
      return fits ? Optional.empty() : Optional.of("one of " + String.join(", ", values));
    }
  }

  /** True or false. */
  record Flag() implements FieldType {
    @Override
    public Optional<String> expectation(JsonNode value) {
      return value.isBoolean() ? Optional.empty() : Optional.of("true or false, without quotes");
    }
  }

  /** A list of strings. */
  record TextList(int maxItems, int maxLength) implements FieldType {
    @Override
    public Optional<String> expectation(JsonNode value) {
      boolean fits = value.isArray() && value.size() <= maxItems;
      for (JsonNode item : value) {
        fits &= item.isTextual() && item.textValue().length() <= maxLength;
      }
      return fits
          ? Optional.empty()
          : Optional.of(
              "a list of at most %d strings of at most %d characters"
                  .formatted(maxItems, maxLength));
    }
  }

  /** A map from strings to values that Kubernetes defines, such as node selectors. */
  record Mapping() implements FieldType {
    @Override
    public Optional<String> expectation(JsonNode value) {
      return value.isObject() ? Optional.empty() : Optional.of("a map");
    }
  }

  /** A map from patterns of names to integers between two bounds, both included. */
  record WholeMapping(int maxItems, long minimum, long maximum) implements FieldType {
    @Override
    public Optional<String> expectation(JsonNode value) {
      Whole item = new Whole(minimum, maximum);
      boolean fits = value.isObject() && value.size() <= maxItems;
      for (JsonNode number : value) {
        fits &= item.expectation(number).isEmpty();
      }
      return fits
          ? Optional.empty()
          : Optional.of(
              "a map of at most %d integers from %d to %d, without quotes"
                  .formatted(maxItems, minimum, maximum));
    }
  }

  /** A list of objects that Kubernetes defines, such as tolerations. */
  record ObjectList() implements FieldType {
    @Override
    public Optional<String> expectation(JsonNode value) {
      return value.isArray() ? Optional.empty() : Optional.of("a list");
    }
  }

  /** A Kubernetes quantity, such as {@code 16Gi} or {@code "4"}. */
  record Quantity() implements FieldType {
    private static final Pattern FORM =
        Pattern.compile("\\d+(\\.\\d+)?([eE]\\d+|m|k|M|G|T|P|E|Ki|Mi|Gi|Ti|Pi|Ei)?");

    @Override
    public Optional<String> expectation(JsonNode value) {
      boolean fits =
          value.isNumber() || (value.isTextual() && FORM.matcher(value.textValue()).matches());
      return fits ? Optional.empty() : Optional.of("a quantity such as \"4\" or 16Gi");
    }
  }
}
