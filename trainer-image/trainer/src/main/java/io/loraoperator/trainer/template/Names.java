package io.loraoperator.trainer.template;

import java.util.LinkedHashSet;
import java.util.Set;

/** The names that a template reads, and those that it gives a value or can do without. */
final class Names {

  private final Set<String> read = new LinkedHashSet<>();
  private final Set<String> known = new LinkedHashSet<>();

  void read(String name) {
    read.add(name);
  }

  /** The template sets it itself. */
  void assigned(String name) {
    known.add(name);
  }

  /** The template asks whether it is there. */
  void optional(String name) {
    known.add(name);
  }

  /** Those that must be given. */
  Set<String> required() {
    Set<String> required = new LinkedHashSet<>(read);
    required.removeAll(known);
    required.removeAll(Globals.ALL.keySet());
    required.remove("loop");
    required.remove("caller");
    return required;
  }
}
