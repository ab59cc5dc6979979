package io.loraoperator.e2e.run;

import static org.assertj.core.api.Assertions.assertThat;

import io.loraoperator.api.LoraFineTune;
import io.loraoperator.e2e.cluster.ClusterExtension;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestInstance.Lifecycle;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * What the token of a reporter at work opens, and what not: tried with a token of the
 * ServiceAccount that the operator made for the attempt, not with one that a test made up.
 */
@ExtendWith({ClusterExtension.class, OperatorExtension.class})
@TestInstance(Lifecycle.PER_CLASS)
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
class AccessE2E {
  private static final int ENDLESS_STEPS = 1_000_000;
  private static final String OBJECTS =
      "/apis/finetune.loraoperator.io/v1alpha1/namespaces/%s/lorafinetunes";

  private final InstalledOperator operator;
  private final Scenario scenario;
  private final FineTune run;
  private @Nullable LoraFineTune training;
  private @Nullable ApiCaller reporter;

  AccessE2E(InstalledOperator operator) {
    this.operator = operator;
    scenario = Scenario.create(operator);
    run = new FineTune(scenario, "tiny");
  }

  @BeforeAll
  void aReporterIsAtWorkAndItsTokenIsGood() {
    scenario.apply(endless());
    scenario.apply(scenario.tiny().named("other").with("spec.suspend", true));
    training = run.awaitStep(1, 1);
    reporter = ApiCaller.withTokenOf(operator.client(), scenario.namespace(), "tiny-1-1-reporter");
    assertThat(report("tiny", uid(), "\"progress\": {\"run\": 1, \"attempt\": 1, \"step\": 1}"))
        .returns(200, ApiCaller.Answer::code);
  }

  @AfterAll
  void close() {
    if (reporter != null) {
      reporter.close();
    }
    scenario.close();
  }

  @ParameterizedTest
  @Order(1)
  @CsvSource({
    "GET,   lorafinetunes",
    "GET,   lorafinetunes/tiny",
    "GET,   lorafinetunes/tiny/status",
    "PATCH, lorafinetunes/tiny",
    "PATCH, lorafinetunes/other/status",
    "PATCH, lorafinetunes/other",
    "DELETE, lorafinetunes/tiny",
  })
  void ofLoraFineTunesItOpensTheStatusOfItsOwnAlone(String method, String path) {
    String uri = OBJECTS.formatted(scenario.namespace()) + path.substring("lorafinetunes".length());
    assertThat(reporter().call(method, uri, "{\"spec\": {\"suspend\": true}}"))
        .returns(403, ApiCaller.Answer::code);
  }

  @ParameterizedTest
  @Order(1)
  @ValueSource(
      strings = {
        "/api/v1/namespaces/%s/secrets",
        "/api/v1/namespaces/%s/secrets/s3-credentials",
        "/api/v1/namespaces/%s/configmaps",
        "/api/v1/namespaces/%s/pods",
        "/apis/batch/v1/namespaces/%s/jobs",
        "/api/v1/nodes",
      })
  void itReadsNothing(String uri) {
    assertThat(reporter().call("GET", uri.formatted(scenario.namespace()), null))
        .returns(403, ApiCaller.Answer::code);
  }

  @ParameterizedTest
  @Order(1)
  @ValueSource(
      strings = {
        "\"run\": {\"number\": 7}",
        "\"output\": {\"adapterUri\": \"s3://elsewhere/\"}",
        "\"gpuSeconds\": 999999",
        "\"history\": [{\"number\": 1}]",
        "\"conditions\": [{\"type\": \"Succeeded\", \"status\": \"True\", \"reason\": \"Completed\","
            + " \"message\": \"\", \"lastTransitionTime\": \"2026-01-01T00:00:00Z\"}]",
      })
  void theOutcomeIsNotItsToTell(String status) {
    ApiCaller.Answer answer = report("tiny", uid(), status);
    assertThat(answer.body()).contains("a reporter may change only");
    assertThat(answer.code()).isEqualTo(403);
  }

  @Test
  @Order(1)
  void theOperatorReadsNoSecrets() {
    try (ApiCaller account =
        ApiCaller.withTokenOf(operator.client(), "lora-operator", "lora-operator")) {
      String secrets = "/api/v1/namespaces/%s/secrets".formatted(scenario.namespace());
      assertThat(account.call("GET", OBJECTS.formatted(scenario.namespace()), null))
          .as("the token is good")
          .returns(200, ApiCaller.Answer::code);
      for (String uri : new String[] {secrets, secrets + "/s3-credentials", "/api/v1/secrets"}) {
        assertThat(account.call("GET", uri, null)).returns(403, ApiCaller.Answer::code);
      }
    }
  }

  /** After the others: it ends the attempt whose token they use. */
  @Test
  @Order(2)
  void lateReportOfAnAttemptThatIsOverIsRefused() {
    scenario.apply(scenario.tiny().with("spec.training.learningRate", "5e-4"));
    LoraFineTune second = run.awaitStatus("Completed");
    assertThat(second.getStatus().run().number()).isEqualTo(2);

    ApiCaller.Answer late =
        report("tiny", uid(), "\"progress\": {\"run\": 1, \"attempt\": 1, \"step\": 999999}");

    // Its Role is gone, and its ServiceAccount: the token opens nothing any more.
    assertThat(late.code()).as(late.body()).isIn(401, 403);
    assertThat(run.get().getStatus().progress()).isEqualTo(second.getStatus().progress());
    Evidence.keep("late-report", late.code() + " " + late.body());
  }

  /**
   * A new object of the name has accounts of the same names, and the API server does not compare
   * the uid in a report: the token must know that it belongs to another account.
   */
  @Test
  @Order(3)
  void lateReportOfADeletedObjectDoesNotReachItsNamesake() {
    run.resource().withTimeoutInMillis(FineTune.PATIENCE.toMillis()).delete();
    scenario.apply(endless());
    run.awaitStep(1, 1);

    ApiCaller.Answer late =
        report("tiny", uid(), "\"progress\": {\"run\": 1, \"attempt\": 1, \"step\": 999999}");

    assertThat(late.code()).as(late.body()).isEqualTo(401);
    assertThat(Objects.requireNonNull(FineTune.progress(run.get())).step()).isLessThan(999_999);
  }

  private Manifest endless() {
    return scenario
        .tiny()
        .with("spec.training.maxSteps", ENDLESS_STEPS)
        .with("spec.training.logEverySteps", 100);
  }

  private String uid() {
    return Objects.requireNonNull(training).getMetadata().getUid();
  }

  private ApiCaller reporter() {
    return Objects.requireNonNull(reporter);
  }

  /** As a reporter does it. */
  private ApiCaller.Answer report(String name, String uid, String status) {
    return reporter()
        .apply(
            OBJECTS.formatted(scenario.namespace())
                + "/"
                + name
                + "/status?dryRun=All&force=true&fieldManager=lora-reporter",
            """
            {"apiVersion": "finetune.loraoperator.io/v1alpha1", "kind": "LoraFineTune",
             "metadata": {"name": "%s", "uid": "%s"}, "status": {%s}}
            """
                .formatted(name, uid, status));
  }
}
