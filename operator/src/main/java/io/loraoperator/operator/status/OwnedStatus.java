package io.loraoperator.operator.status;

import io.fabric8.kubernetes.api.model.Condition;
import io.loraoperator.api.status.LoraFineTuneStatus;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** The operator's part of a status: what it applies, and what it compares before it does. */
public final class OwnedStatus {

  private static final Set<String> CONDITIONS =
      Arrays.stream(ConditionType.values()).map(Enum::name).collect(Collectors.toUnmodifiableSet());

  private OwnedStatus() {}

  /** Leaves the reporter's fields and conditions out. */
  public static LoraFineTuneStatus of(@Nullable LoraFineTuneStatus status) {
    if (status == null) {
      return new LoraFineTuneStatus(
          null, null, null, null, null, null, null, null, null, null, null);
    }
    List<Condition> conditions =
        status.conditions() == null
            ? null
            : status.conditions().stream()
                .filter(condition -> CONDITIONS.contains(condition.getType()))
                .toList();
    return new LoraFineTuneStatus(
        status.observedGeneration(),
        status.run(),
        status.effective(),
        null,
        null,
        status.dataset(),
        status.output(),
        status.provenance(),
        status.gpuSeconds(),
        status.history(),
        conditions);
  }

  /** Whether both say the same of what the operator owns. */
  public static boolean same(
      @Nullable LoraFineTuneStatus before, @Nullable LoraFineTuneStatus after) {
    LoraFineTuneStatus one = of(before);
    LoraFineTuneStatus other = of(after);
    return withoutConditions(one).equals(withoutConditions(other))
        && byType(one).equals(byType(other));
  }

  private static LoraFineTuneStatus withoutConditions(LoraFineTuneStatus status) {
    return new LoraFineTuneStatus(
        status.observedGeneration(),
        status.run(),
        status.effective(),
        null,
        null,
        status.dataset(),
        status.output(),
        status.provenance(),
        status.gpuSeconds(),
        status.history(),
        null);
  }

  /** Their order says nothing: the API server keeps that of the first application. */
  private static Set<Condition> byType(LoraFineTuneStatus status) {
    return status.conditions() == null ? Set.of() : Set.copyOf(status.conditions());
  }
}
