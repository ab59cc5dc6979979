package io.loraoperator.trainer.template;

import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Names and their values; what is not here is looked up around it. */
final class Scope {

  private final @Nullable Scope parent;
  private final Map<String, @Nullable Object> names = new HashMap<>();
  final Run run;

  Scope(Run run) {
    this.run = run;
    this.parent = null;
  }

  Scope(Scope parent) {
    this.run = parent.run;
    this.parent = parent;
    run.budget.spend(Budget.SCOPE_UNITS);
  }

  void set(String name, @Nullable Object value) {
    names.put(name, value);
  }

  @Nullable Object get(String name) {
    for (Scope scope = this; scope != null; scope = scope.parent) {
      if (scope.names.containsKey(name)) {
        return scope.names.get(name);
      }
    }
    Object builtin = Globals.ALL.get(name);
    return builtin == null ? new Undefined("'" + name + "'") : builtin;
  }
}
