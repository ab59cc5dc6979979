package io.loraoperator.operator.observe;

import com.fasterxml.jackson.databind.JsonNode;
import io.loraoperator.api.LoraFineTune;
import io.loraoperator.api.status.LoraFineTuneStatus;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Everything that a reconciliation decides by, read once.
 *
 * @param resource the object as the cache holds it; nobody changes it
 * @param spec its specification as a tree
 * @param run the allocated run; null before the first
 * @param attempts every attempt of which the cluster still holds something
 * @param quotas of the namespace
 */
public record RunObservation(
    LoraFineTune resource,
    JsonNode spec,
    @Nullable RunRecord run,
    List<AttemptObservation> attempts,
    List<QuotaUse> quotas) {

  public RunObservation {
    attempts = List.copyOf(attempts);
    quotas = List.copyOf(quotas);
  }

  public String namespace() {
    return resource.getMetadata().getNamespace();
  }

  public String name() {
    return resource.getMetadata().getName();
  }

  public String uid() {
    return resource.getMetadata().getUid();
  }

  public long generation() {
    Long generation = resource.getMetadata().getGeneration();
    return generation == null ? 0 : generation;
  }

  /** The status that was written last; null before the first. */
  public @Nullable LoraFineTuneStatus status() {
    return resource.getStatus();
  }

  /** What there is of an attempt. */
  public AttemptObservation attempt(AttemptKey key) {
    return attempts.stream()
        .filter(attempt -> attempt.key().equals(key))
        .findFirst()
        .orElseGet(() -> AttemptObservation.nothing(key));
  }

  /** Attempts other than this one of which something may still run. */
  public List<AttemptObservation> others(AttemptKey current) {
    return attempts.stream()
        .filter(attempt -> !attempt.key().equals(current) && attempt.present())
        .toList();
  }
}
