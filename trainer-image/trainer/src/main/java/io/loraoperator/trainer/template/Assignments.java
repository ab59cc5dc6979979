package io.loraoperator.trainer.template;

import java.util.List;
import org.jspecify.annotations.Nullable;

/** Gives values to names; a target with a dot is a namespace's field. */
final class Assignments {

  private Assignments() {}

  /** One target takes the value, several take its elements. */
  static void unpack(List<String> targets, @Nullable Object value, Scope scope) {
    if (targets.size() == 1) {
      assign(targets.getFirst(), value, scope);
      return;
    }
    List<@Nullable Object> parts = Values.elements(value, scope.run.budget);
    if (parts.size() != targets.size()) {
      throw TemplateException.value(
          "%d values cannot be given to %d names".formatted(parts.size(), targets.size()));
    }
    for (int i = 0; i < parts.size(); i++) {
      assign(targets.get(i), parts.get(i), scope);
    }
  }

  private static void assign(String target, @Nullable Object value, Scope scope) {
    int dot = target.indexOf('.');
    if (dot < 0) {
      scope.set(target, value);
    } else if (scope.get(target.substring(0, dot)) instanceof Namespace namespace) {
      namespace.set(target.substring(dot + 1), value);
    } else {
      throw TemplateException.value(target.substring(0, dot) + " is no namespace");
    }
  }
}
