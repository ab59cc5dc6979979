package io.loraoperator.operator.status;

import io.fabric8.kubernetes.api.model.Condition;
import io.fabric8.kubernetes.api.model.ConditionBuilder;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;

/**
 * Merges facts into conditions: a condition keeps its transition time as long as its status stays.
 *
 * @param earlier what the status holds, the reporter's conditions among it
 * @param generation that the facts are about
 * @param now the time of a transition
 */
record Conditions(List<Condition> earlier, long generation, Instant now) {

  /**
   * What is to be said.
   *
   * @param type of the condition
   * @param status {@code True}, {@code False} or {@code Unknown}
   * @param reason in camel case
   * @param message for a person
   */
  record Fact(String type, String status, String reason, String message) {}

  List<Condition> merge(List<Fact> facts) {
    return facts.stream().map(this::condition).toList();
  }

  private Condition condition(Fact fact) {
    String since =
        earlier.stream()
            .filter(condition -> fact.type().equals(condition.getType()))
            .filter(condition -> fact.status().equals(condition.getStatus()))
            .map(Condition::getLastTransitionTime)
            .findFirst()
            .orElseGet(() -> now.truncatedTo(ChronoUnit.SECONDS).toString());
    return new ConditionBuilder()
        .withType(fact.type())
        .withStatus(fact.status())
        .withReason(fact.reason())
        .withMessage(fact.message())
        .withObservedGeneration(generation)
        .withLastTransitionTime(since)
        .build();
  }
}
