package io.loraoperator.operator.desired;

import com.fasterxml.jackson.databind.JsonNode;
import io.fabric8.kubernetes.api.model.Quantity;
import io.loraoperator.api.spec.LoraFineTuneSpec;
import io.loraoperator.api.spec.Resources;
import io.loraoperator.contract.SpecField;
import io.loraoperator.contract.SpecFields;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.time.Duration;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * What a specification says of how a run is carried out, with the contract's defaults where it says
 * nothing: objects written before a field had a default do not carry it.
 */
final class SpecValues {

  private SpecValues() {}

  static boolean suspended(LoraFineTuneSpec spec) {
    return Boolean.TRUE.equals(spec.suspend());
  }

  static String restart(LoraFineTuneSpec spec) {
    return spec.restart() == null ? "" : spec.restart();
  }

  static int backoffLimit(LoraFineTuneSpec spec) {
    return spec.backoffLimit() == null ? defaultNumber("backoffLimit") : spec.backoffLimit();
  }

  static int gpus(LoraFineTuneSpec spec) {
    Resources resources = spec.resources();
    return resources == null || resources.gpus() == null
        ? defaultNumber("resources.gpus")
        : resources.gpus();
  }

  static String gpuResource(LoraFineTuneSpec spec) {
    Resources resources = spec.resources();
    return resources == null || resources.gpuResourceName() == null
        ? defaultText("resources.gpuResourceName")
        : resources.gpuResourceName();
  }

  /** The trainer's memory limit; empty if there is none. */
  static String memory(LoraFineTuneSpec spec) {
    Resources resources = spec.resources();
    return resources == null || resources.memory() == null ? "" : resources.memory().toString();
  }

  static int gracePeriodSeconds(LoraFineTuneSpec spec) {
    return spec.checkpoint() == null || spec.checkpoint().terminationGracePeriodSeconds() == null
        ? defaultNumber("checkpoint.terminationGracePeriodSeconds")
        : spec.checkpoint().terminationGracePeriodSeconds();
  }

  /** As many threads as cores are asked for, rounded up, and one at least. */
  static int threads(LoraFineTuneSpec spec, int otherwise) {
    Quantity cpu = spec.resources() == null ? null : spec.resources().cpu();
    if (cpu == null) {
      return otherwise;
    }
    BigDecimal cores = Quantity.getAmountInBytes(cpu);
    return Math.max(1, cores.setScale(0, RoundingMode.CEILING).intValueExact());
  }

  /** What is left of the time that the trainer may run; null if it may run for ever. */
  static @Nullable Duration timeLeft(LoraFineTuneSpec spec, long activeSeconds) {
    return spec.activeDeadlineSeconds() == null
        ? null
        : Duration.ofSeconds(spec.activeDeadlineSeconds() - activeSeconds);
  }

  /** How long the Job of a finished run stays; null if it stays for ever. */
  static @Nullable Duration timeToLive(
      LoraFineTuneSpec spec, @Nullable Instant completion, Instant now) {
    return spec.ttlSecondsAfterFinished() == null || completion == null
        ? null
        : Duration.between(now, completion.plusSeconds(spec.ttlSecondsAfterFinished()));
  }

  private static int defaultNumber(String path) {
    return field(path).intValue();
  }

  private static String defaultText(String path) {
    return field(path).textValue();
  }

  private static JsonNode field(String path) {
    return SpecFields.find(path)
        .map(SpecField::defaultValue)
        .orElseThrow(() -> new IllegalArgumentException("no default for spec." + path));
  }
}
