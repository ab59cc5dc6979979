package io.loraoperator.e2e.run;

import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.Condition;
import io.fabric8.kubernetes.api.model.Event;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientTimeoutException;
import io.fabric8.kubernetes.client.dsl.Resource;
import io.loraoperator.api.LoraFineTune;
import io.loraoperator.api.status.ProgressStatus;
import io.loraoperator.e2e.cluster.process.Await;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** One applied object, as its user follows it. */
final class FineTune {
  /** How long a run of seconds may take on a machine that does much else. */
  static final Duration PATIENCE = Duration.ofMinutes(4);

  private static final Pattern RESUMED = Pattern.compile("went on after step (\\d+),");

  private final Scenario scenario;
  private final String name;

  FineTune(Scenario scenario, String name) {
    this.scenario = scenario;
    this.name = name;
  }

  String name() {
    return name;
  }

  LoraFineTune get() {
    return Objects.requireNonNull(resource().get(), name);
  }

  Resource<LoraFineTune> resource() {
    return client().resources(LoraFineTune.class).inNamespace(scenario.namespace()).withName(name);
  }

  /**
   * Waits until the STATUS column says so for the newest specification.
   *
   * @throws AssertionError with everything there is to know if it does not come to that in time, or
   *     comes to another end
   */
  LoraFineTune awaitStatus(String reason) {
    return awaitStatus(reason, PATIENCE);
  }

  LoraFineTune awaitStatus(String reason, Duration patience) {
    LoraFineTune seen =
        await(
            "STATUS " + reason,
            patience,
            object -> isUpToDate(object) && (reason.equals(status(object)) || isOver(object)));
    if (!reason.equals(status(seen))) {
      throw new AssertionError(
          "STATUS is %s, not %s (%s)%n%s"
              .formatted(status(seen), reason, message(seen), Diagnosis.of(scenario, name)));
    }
    return seen;
  }

  LoraFineTune await(String what, Predicate<LoraFineTune> condition) {
    return await(what, PATIENCE, condition);
  }

  LoraFineTune await(String what, Duration patience, Predicate<LoraFineTune> condition) {
    try {
      return Objects.requireNonNull(
          resource()
              .waitUntilCondition(
                  object -> object != null && condition.test(object),
                  patience.toMillis(),
                  TimeUnit.MILLISECONDS));
    } catch (KubernetesClientTimeoutException e) {
      throw new AssertionError(
          "%s: no %s within %s%n%s".formatted(name, what, patience, Diagnosis.of(scenario, name)),
          e);
    }
  }

  /** Waits until the reporter has reported at least so many steps of the run. */
  LoraFineTune awaitStep(int run, int step) {
    return await(
        "step " + step + " of run " + run,
        object -> {
          ProgressStatus progress = progress(object);
          return progress != null
              && Objects.equals(progress.run(), run)
              && progress.step() != null
              && progress.step() >= step;
        });
  }

  /** Waits until an attempt has trained a step, and returns the object with its first report. */
  LoraFineTune awaitProgressOfAttempt(int attempt) {
    return await(
        "progress of attempt " + attempt,
        object -> {
          ProgressStatus progress = progress(object);
          return progress != null
              && Objects.equals(progress.attempt(), attempt)
              && progress.step() != null
              && progress.step() > 0;
        });
  }

  LoraFineTune awaitCheckpoint() {
    return await(
        "checkpoint",
        object -> object.getStatus() != null && object.getStatus().checkpoint() != null);
  }

  void awaitNoPods() {
    Await.until(
        PATIENCE,
        () -> pods().isEmpty(),
        () -> name + " still has Pods\n" + Diagnosis.of(scenario, name));
  }

  /** Merges a change into the object, as {@code kubectl patch} does. */
  void patch(String change) {
    scenario.kubectl("patch", "lorafinetune", name, "--type=merge", "--patch=" + change);
  }

  void restart(String value) {
    patch("{\"spec\": {\"restart\": \"" + value + "\"}}");
  }

  List<Pod> pods() {
    return client()
        .pods()
        .inNamespace(scenario.namespace())
        .withLabel("finetune.loraoperator.io/name", name)
        .list()
        .getItems();
  }

  /** Waits for an event about the object; it is written after the status. */
  void awaitEvent(String reason) {
    Await.until(
        PATIENCE,
        () -> eventReasons().contains(reason),
        () -> "no event %s, only %s".formatted(reason, eventReasons()));
  }

  /** Reasons of the events about the object, with repetitions. */
  private List<String> eventReasons() {
    return client().v1().events().inNamespace(scenario.namespace()).list().getItems().stream()
        .filter(event -> event.getInvolvedObject().getKind().equals(LoraFineTune.KIND))
        .filter(event -> event.getInvolvedObject().getName().equals(name))
        .map(Event::getReason)
        .toList();
  }

  /** The words of the one row that {@code kubectl get lorafinetunes} prints. */
  String row() {
    String table = scenario.kubectl("get", "lorafinetunes", name);
    assertThat(table.lines()).hasSize(2);
    return table;
  }

  private KubernetesClient client() {
    return scenario.operator().client();
  }

  static @Nullable ProgressStatus progress(LoraFineTune object) {
    return object.getStatus() == null ? null : object.getStatus().progress();
  }

  /** The step from which the attempt went on that the status tells of. */
  static int resumedAt(LoraFineTune object) {
    Matcher matcher = RESUMED.matcher(condition(object, "Resumed").getMessage());
    if (!matcher.find()) {
      throw new AssertionError(
          "the condition Resumed names no step: " + condition(object, "Resumed"));
    }
    return Integer.parseInt(matcher.group(1));
  }

  static boolean isUpToDate(LoraFineTune object) {
    return object.getStatus() != null
        && Objects.equals(
            object.getStatus().observedGeneration(), object.getMetadata().getGeneration());
  }

  static boolean isOver(LoraFineTune object) {
    return !condition(object, "Succeeded").getStatus().equals("Unknown");
  }

  /** What the STATUS column shows. */
  static String status(LoraFineTune object) {
    return condition(object, "Succeeded").getReason();
  }

  static String message(LoraFineTune object) {
    return condition(object, "Succeeded").getMessage();
  }

  /** A condition; one that is missing is Unknown without words. */
  static Condition condition(LoraFineTune object, String type) {
    if (object.getStatus() != null && object.getStatus().conditions() != null) {
      for (Condition condition : object.getStatus().conditions()) {
        if (condition.getType().equals(type)) {
          return condition;
        }
      }
    }
    Condition missing = new Condition();
    missing.setType(type);
    missing.setStatus("Unknown");
    missing.setReason("");
    missing.setMessage("");
    return missing;
  }
}
