package io.loraoperator.contract;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * What the API describes and this version does not do yet. Such a field is refused only when it is
 * asked for: absent, or at its default, it is accepted.
 */
public final class UnsupportedFeatures {

  /**
   * @param path the field, from {@code spec}
   * @param value the value that is refused; null refuses every value but the default
   * @param instead what to use until then
   */
  private record Feature(String path, @Nullable String value, String instead) {}

  private static final List<Feature> FEATURES =
      List.of(
          one("baseModel.precision", "Float16", "use BFloat16 or Float32"),
          one("baseModel.attention", "Sdpa", "use Auto or Eager"),
          every("cache", "leave it out: the base model is read for every attempt"),
          every("preflight.enabled", "leave it out: data are audited before the first step"));

  private UnsupportedFeatures() {}

  /** The paths that are refused when they are asked for, from {@code spec}. */
  public static List<String> paths() {
    return FEATURES.stream().map(Feature::path).distinct().toList();
  }

  /**
   * Finds the first such feature that a specification asks for.
   *
   * @param spec the tree under {@code spec}
   */
  public static Optional<InvalidSpecException> find(JsonNode spec) {
    return FEATURES.stream()
        .filter(feature -> asksFor(spec, feature))
        .map(feature -> {
          String path = "spec." + feature.path();
          return new InvalidSpecException(
              path,
              "not supported yet: " + path + (feature.value() == null ? "" : " " + feature.value()),
              feature.instead());
        })
        .findFirst();
  }

  private static boolean asksFor(JsonNode spec, Feature feature) {
    JsonNode value = SpecTree.at(spec, feature.path());
    if (value.isMissingNode() || value.isNull()) {
      return false;
    }
    if (feature.value() != null) {
      return feature.value().equals(value.textValue());
    }
    return SpecFields.find(feature.path())
        .map(field -> !value.equals(field.defaultValue()))
        .orElse(!value.isEmpty());
  }

  private static Feature every(String path, String instead) {
    return new Feature(path, null, instead);
  }

  private static Feature one(String path, String value, String instead) {
    return new Feature(path, value, instead);
  }
}
