package io.loraoperator.checkpoint;

import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalLong;
import java.util.Set;

/**
 * The metadata of one architecture ({@code llama.block_count}), by names without that prefix. It
 * remembers what was asked for: a setting that nobody reads may change the mathematics.
 */
final class GgufSettings {

  private final GgufFile file;
  private final String prefix;
  private final Set<String> read = new HashSet<>();

  GgufSettings(GgufFile file) {
    this.file = file;
    this.prefix = file.architecture() + ".";
  }

  boolean has(String name) {
    return file.metadata().containsKey(prefix + name);
  }

  OptionalLong integer(String name) {
    Optional<Long> value = file.integer(key(name));
    return value.isPresent() ? OptionalLong.of(value.get()) : OptionalLong.empty();
  }

  OptionalDouble decimal(String name) {
    Optional<Double> value = file.decimal(key(name));
    return value.isPresent() ? OptionalDouble.of(value.get()) : OptionalDouble.empty();
  }

  Optional<String> string(String name) {
    return file.string(key(name));
  }

  /** A list of truth values, which files also write as numbers. */
  List<Boolean> flags(String name) {
    return file.list(key(name), Object.class).orElseThrow(() -> file.missing(key(name))).stream()
        .map(value -> Boolean.TRUE.equals(value) || (value instanceof Long n && n != 0))
        .toList();
  }

  boolean isList(String name) {
    return file.metadata().get(prefix + name) instanceof List<?>;
  }

  long required(String name) {
    return integer(name).orElseThrow(() -> file.missing(prefix + name));
  }

  double requiredDecimal(String name) {
    return decimal(name).orElseThrow(() -> file.missing(prefix + name));
  }

  /** Counts as read: says nothing that the tensors do not say, or nothing about mathematics. */
  void pass(String... names) {
    for (String name : names) {
      read.add(prefix + name);
    }
  }

  /** Refuses a setting that is there with another value. */
  void mustBe(String name, double only) {
    double value = decimal(name).orElse(only);
    if (value != only) {
      throw unsupported(prefix + name, value);
    }
  }

  /** Refuses the first setting that was not asked for. */
  void refuseUnread() {
    file.metadata()
        .forEach((key, value) -> {
          if (key.startsWith(prefix) && !read.contains(key)) {
            throw unsupported(key, value);
          }
        });
  }

  private String key(String name) {
    read.add(prefix + name);
    return prefix + name;
  }

  private CheckpointException unsupported(String key, Object value) {
    return CheckpointException.unsupported(
        file.path().toString(),
        "has '%s' = %s, which is not known of this family here".formatted(key, value),
        "Use the model's Hugging Face folder (safetensors).");
  }
}
