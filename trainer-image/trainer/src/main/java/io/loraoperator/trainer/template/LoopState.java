package io.loraoperator.trainer.template;

import java.util.List;
import org.jspecify.annotations.Nullable;

/** Jinja's {@code loop}. */
final class LoopState {

  private final List<@Nullable Object> items;
  private int index;
  private @Nullable Object changedFrom = this;

  LoopState(List<@Nullable Object> items) {
    this.items = items;
  }

  void moveTo(int place) {
    index = place;
  }

  @Nullable Object get(String name) {
    return switch (name) {
      case "index" -> index + 1L;
      case "index0" -> (long) index;
      case "revindex" -> (long) items.size() - index;
      case "revindex0" -> items.size() - index - 1L;
      case "first" -> index == 0;
      case "last" -> index == items.size() - 1;
      case "length" -> (long) items.size();
      case "previtem" -> index > 0 ? items.get(index - 1) : new Undefined("loop.previtem");
      case "nextitem" ->
          index + 1 < items.size() ? items.get(index + 1) : new Undefined("loop.nextitem");
      case "cycle" ->
          (Callable)
              (arguments, run) -> {
                if (arguments.positional().isEmpty()) {
                  throw TemplateException.value("loop.cycle needs values");
                }
                return arguments.positional().get(index % arguments.positional().size());
              };
      case "changed" ->
          (Callable)
              (arguments, run) -> {
                Object now = arguments.positional();
                boolean changed = !Values.areEqual(changedFrom, now, run.budget);
                changedFrom = now;
                return changed;
              };
      default -> new Undefined("loop." + name);
    };
  }
}
