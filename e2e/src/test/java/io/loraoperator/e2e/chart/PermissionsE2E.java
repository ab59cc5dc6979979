package io.loraoperator.e2e.chart;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.fabric8.kubernetes.api.model.rbac.Role;
import io.fabric8.kubernetes.api.model.rbac.RoleBinding;
import io.fabric8.kubernetes.api.model.rbac.RoleBindingBuilder;
import io.fabric8.kubernetes.api.model.rbac.RoleBuilder;
import io.fabric8.kubernetes.client.Config;
import io.fabric8.kubernetes.client.ConfigBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientBuilder;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.loraoperator.api.LoraFineTune;
import io.loraoperator.api.status.LoraFineTuneStatus;
import io.loraoperator.e2e.api.InstalledCrd;
import io.loraoperator.e2e.cluster.Cluster;
import io.loraoperator.e2e.cluster.ClusterExtension;
import io.loraoperator.e2e.cluster.RestrictedNamespace;
import io.loraoperator.e2e.cluster.process.Await;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestInstance.Lifecycle;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What operator and reporter may do and may not, asked of a real API server in their names. */
@ExtendWith(ClusterExtension.class)
@TestInstance(Lifecycle.PER_CLASS)
class PermissionsE2E {
  private static final Path MANIFEST = Path.of("../crds/src/test/resources/valid/minimal.yaml");
  private static final List<String> TEMPLATES =
      List.of("clusterrole", "bindings", "reporter-policy");
  private static final String ACCOUNT = "minimal-1-1-reporter";

  private final Cluster cluster;
  private final KubernetesClient client;
  private final RestrictedNamespace namespace;
  private final String release;
  private final KubernetesClient operator;
  private final KubernetesClient reporter;

  PermissionsE2E(Cluster cluster, KubernetesClient client) {
    this.cluster = cluster;
    this.client = client;
    InstalledCrd.ensure(client);
    namespace = RestrictedNamespace.create(client);
    release = namespace.name() + "-lora-operator";
    operator = as(release);
    reporter = as(ACCOUNT);
  }

  @BeforeAll
  void grant() throws IOException {
    for (String template : TEMPLATES) {
      client.load(rendered(template)).serverSideApply();
    }
    createObject("minimal");
    createObject("other");
    operator.rbac().roles().resource(reporterRole("minimal")).create();
    operator.rbac().roleBindings().resource(reporterBinding()).create();
    // Stored once before the policy is in force, the value would be no change ever after.
    Await.until(
        Duration.ofMinutes(1),
        () -> tryForbidden().body().contains("may change only"),
        () -> "the policy for reporters is not in force: " + tryForbidden().body());
  }

  @AfterAll
  void takeBack() {
    operator.close();
    reporter.close();
    for (String template : TEMPLATES) {
      client.load(rendered(template)).delete();
    }
    namespace.close();
  }

  @Test
  void aReporterReportsWhatItMeasures() {
    ObjectPatch answer =
        report(
            """
            {"progress": {"run": 1, "attempt": 1, "step": 3}, "checkpoint": {"step": 2},
             "conditions": [%s]}
            """
                .formatted(condition("ProgressReporting", "Fresh")));
    assertThat(answer.accepted()).as(answer.body()).isTrue();
    assertThat(status().progress().step()).isEqualTo(3);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{\"run\": {\"number\": 7}}",
        "{\"output\": {\"adapterUri\": \"s3://elsewhere/\"}}",
        "{\"observedGeneration\": 9}",
        "{\"history\": [{\"number\": 1}]}",
      })
  void aReporterCannotChangeWhatTheOperatorOwns(String change) {
    assertThat(refusalOf(change))
        .contains("a reporter may change only status.progress, status.checkpoint");
  }

  @Test
  void aReporterCannotDeclareTheRunASuccess() {
    assertThat(refusalOf("{\"conditions\": [%s]}".formatted(condition("Succeeded", "Completed"))))
        .contains(
            "a reporter may change only the conditions ProgressReporting, Checkpointed and Resumed");
  }

  @Test
  void aReporterCannotTakeAwayTheOperatorsConditions() {
    String accepted = "{\"conditions\": [%s]}".formatted(condition("Accepted", "Valid"));
    assertThat(merge(operator, "minimal", accepted).accepted()).isTrue();
    assertThat(merge(reporter, "minimal", "{\"conditions\": []}").body())
        .contains(
            "a reporter may change only the conditions ProgressReporting, Checkpointed and Resumed");
  }

  @Test
  void aReporterSeesNothingAndTouchesNoOtherObject() {
    assertThat(merge(reporter, "other", "{\"progress\": {\"step\": 1}}").code()).isEqualTo(403);
    assertThat(mergeSpec(reporter).code()).isEqualTo(403);
    refused(() -> reporter.resources(LoraFineTune.class).inNamespace(namespace.name()).list());
    refused(() -> reporter.secrets().inNamespace(namespace.name()).list());
    refused(() -> reporter.pods().inNamespace(namespace.name()).list());
  }

  @Test
  void theOperatorReadsNoSecretAndChangesNoSpec() {
    refused(() -> operator.secrets().inNamespace(namespace.name()).list());
    refused(() -> operator.secrets().inNamespace(namespace.name()).withName("any").get());
    assertThat(mergeSpec(operator).code()).isEqualTo(403);
    refused(() -> operator.nodes().list());
  }

  @Test
  void theOperatorCannotGrantMoreThanItHas() {
    refused(() ->
        operator
            .rbac()
            .roles()
            .resource(
                new RoleBuilder()
                    .withNewMetadata()
                    .withName("secrets")
                    .withNamespace(namespace.name())
                    .endMetadata()
                    .addNewRule()
                    .withApiGroups("")
                    .withResources("secrets")
                    .withVerbs("get")
                    .endRule()
                    .build())
            .create());
  }

  @Test
  void theOperatorWritesTheWholeStatus() {
    String reported = "{\"run\": {\"number\": 1}, \"progress\": {\"step\": 1}}";
    assertThat(merge(operator, "other", reported).accepted()).isTrue();
    String cleared = "{\"progress\": null, \"checkpoint\": null}";
    assertThat(merge(operator, "other", cleared).accepted()).isTrue();
    assertThat(
            client
                .resources(LoraFineTune.class)
                .inNamespace(namespace.name())
                .withName("other")
                .get()
                .getStatus()
                .progress())
        .isNull();
  }

  private void createObject(String name) throws IOException {
    LoraFineTune object =
        client
            .resources(LoraFineTune.class)
            .load(new ByteArrayInputStream(Files.readAllBytes(MANIFEST)))
            .item();
    object.getMetadata().setName(name);
    object.getMetadata().setNamespace(namespace.name());
    client.resource(object).create();
  }

  private Role reporterRole(String object) {
    return new RoleBuilder()
        .withNewMetadata()
        .withName(ACCOUNT)
        .withNamespace(namespace.name())
        .endMetadata()
        .addNewRule()
        .withApiGroups(LoraFineTune.GROUP)
        .withResources(LoraFineTune.PLURAL + "/status")
        .withResourceNames(object)
        .withVerbs("patch")
        .endRule()
        .build();
  }

  private RoleBinding reporterBinding() {
    return new RoleBindingBuilder()
        .withNewMetadata()
        .withName(ACCOUNT)
        .withNamespace(namespace.name())
        .endMetadata()
        .withNewRoleRef("rbac.authorization.k8s.io", "Role", ACCOUNT)
        .addNewSubject()
        .withKind("ServiceAccount")
        .withNamespace(namespace.name())
        .withName(ACCOUNT)
        .endSubject()
        .build();
  }

  private LoraFineTuneStatus status() {
    return client
        .resources(LoraFineTune.class)
        .inNamespace(namespace.name())
        .withName("minimal")
        .get()
        .getStatus();
  }

  /** As the reporter does it: server-side apply with its own field manager. */
  private ObjectPatch report(String status) {
    return ObjectPatch.apply(reporter, namespace.name(), "minimal", status);
  }

  private String refusalOf(String status) {
    ObjectPatch answer = report(status);
    return answer.accepted() ? "accepted" : answer.body();
  }

  private ObjectPatch tryForbidden() {
    return ObjectPatch.tryToApply(reporter, namespace.name(), "minimal", "{\"gpuSeconds\": 1}");
  }

  private ObjectPatch merge(KubernetesClient who, String name, String status) {
    return ObjectPatch.mergeStatus(who, namespace.name(), name, status);
  }

  private ObjectPatch mergeSpec(KubernetesClient who) {
    return ObjectPatch.mergeSpec(who, namespace.name(), "minimal", "{\"suspend\": true}");
  }

  private static String condition(String type, String reason) {
    return """
    {"type": "%s", "status": "True", "reason": "%s", "message": "",
     "lastTransitionTime": "2026-01-01T00:00:00Z"}
    """
        .formatted(type, reason);
  }

  private static void refused(ThrowingCallable call) {
    assertThatExceptionOfType(KubernetesClientException.class)
        .isThrownBy(call)
        .satisfies(refusal -> assertThat(refusal.getCode()).isEqualTo(403));
  }

  private KubernetesClient as(String account) {
    Config config =
        new ConfigBuilder(client.getConfiguration())
            .withImpersonateUsername(
                "system:serviceaccount:%s:%s".formatted(namespace.name(), account))
            .build();
    return new KubernetesClientBuilder().withConfig(config).build();
  }

  private ByteArrayInputStream rendered(String template) {
    return new ByteArrayInputStream(
        Chart.render(
                cluster,
                release,
                namespace.name(),
                "--show-only",
                "templates/" + template + ".yaml")
            .getBytes(StandardCharsets.UTF_8));
  }
}
