package io.loraoperator.trainer.run;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import io.loraoperator.contract.PodPaths;
import io.loraoperator.contract.PodPaths.Role;
import io.loraoperator.contract.Reason;
import io.loraoperator.contract.ResultDocument;
import io.loraoperator.contract.Source;
import io.loraoperator.contract.SpecReader;
import io.loraoperator.trainer.RunFailure;
import io.loraoperator.trainer.TinyModel;
import io.loraoperator.trainer.cli.Invocation;
import io.loraoperator.trainer.cli.Termination;
import io.loraoperator.trainer.hub.HubServer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Objects;
import java.util.function.BiConsumer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Runs that push their adapter to the hub. */
class AdapterPushTest {

  private static final String NAME = "acme/sums-adapter";
  private static final String MANIFEST =
      """
      apiVersion: finetune.loraoperator.io/v1alpha1
      kind: LoraFineTune
      metadata: {name: pushed}
      spec:
        baseModel: {precision: Float32}
        dataset: {prompt: {promptCompletion: {promptField: prompt, completionField: completion}}}
        lora: {rank: 2, alpha: 4}
        training: {maxSteps: 5, batchSize: 1, logEverySteps: 1}
        checkpoint: {everySteps: 3}
        samples: {prompts: ["1+1="], maxNewTokens: 2}
        tracking: {tensorBoard: true}
        output: {pushToHub: {repository: acme/sums-adapter, tokenSecretName: hf-token}}
      """;

  @TempDir Path folder;
  private HubServer server;
  private Path model;
  private Path output;

  @BeforeEach
  void start() throws IOException {
    server = new HubServer();
    model = TinyModel.write(folder.resolve("model"), true);
    output = folder.resolve("out");
    Files.writeString(folder.resolve("finetune.yaml"), MANIFEST);
    Files.writeString(
        folder.resolve("train.jsonl"), "{\"prompt\": \"1+1=\", \"completion\": \"2\"}\n");
  }

  @AfterEach
  void stop() {
    server.close();
  }

  private Invocation train(Map<String, String> variables, BiConsumer<String, Termination> onLine) {
    return Invocation.of(
        onLine,
        variables,
        "train",
        folder.resolve("finetune.yaml").toString(),
        "--base-model",
        model.toString(),
        "--train",
        folder.resolve("train.jsonl").toString(),
        "--output",
        output.toString(),
        "--json");
  }

  private Invocation train(BiConsumer<String, Termination> onLine) {
    return train(Map.of("HF_ENDPOINT", server.endpoint(), "HF_TOKEN", HubServer.TOKEN), onLine);
  }

  @Test
  void theAdapterLiesAtTheTopOfTheRepositoryWithCardLogAndEvents() throws IOException {
    Invocation run = train((line, termination) -> {});

    assertThat(run.code()).as(run.err()).isZero();
    ResultDocument result = ResultDocument.parse(run.out());
    String address = "hf://%s@%s".formatted(NAME, server.commitOf(NAME));
    assertThat(Objects.requireNonNull(result.output()).hubUri()).isEqualTo(address);
    assertThat(result.message()).endsWith("/out/adapter and at " + address);
    assertThat(server.filesOf(NAME))
        .contains(
            "adapter_model.safetensors",
            "adapter_config.json",
            "tokenizer.json",
            "README.md",
            "training_log.jsonl",
            "samples.jsonl",
            "tensorboard/events.out.tfevents.training")
        .noneMatch(name -> name.contains("checkpoint") || name.equals("manifest.json"));
    assertThat(server.contentOf(NAME, "adapter_model.safetensors"))
        .isEqualTo(Files.readAllBytes(output.resolve("adapter/adapter_model.safetensors")));

    Invocation again = train((line, termination) -> {});
    assertThat(again.code()).as(again.err()).isZero();
    assertThat(server.commitsOf(NAME)).as("nothing has changed").isEqualTo(1);
  }

  @Test
  void aPushThatFailsLosesNothingAndIsRepeatedWithoutTraining() throws IOException {
    Invocation failed =
        train((line, termination) -> {
          if (line.startsWith("training")) {
            server.forbidWriting(true);
          }
        });

    assertThat(failed.code()).as(failed.err()).isEqualTo(16);
    ResultDocument result = ResultDocument.parse(failed.out());
    assertThat(result.reason()).isEqualTo(Reason.StorageAccessDenied);
    assertThat(result.message())
        .startsWith(
            "spec.output.pushToHub.tokenSecretName: hf://%s@main: access is denied: the token may not write there"
                .formatted(NAME))
        .endsWith("; the adapter itself is at " + output.resolve("adapter"));
    byte[] adapter = Files.readAllBytes(output.resolve("adapter/adapter_model.safetensors"));

    server.forbidWriting(false);
    Invocation again = train((line, termination) -> {});

    assertThat(again.code()).as(again.err()).isZero();
    assertThat(again.err()).contains("resuming after step 5 ").doesNotContain("training step");
    assertThat(server.contentOf(NAME, "adapter_model.safetensors")).isEqualTo(adapter);
  }

  @Test
  void whoMayNotWriteIsToldBeforeAnythingIsLoaded() {
    Invocation refused =
        train(
            Map.of("HF_ENDPOINT", server.endpoint(), "HF_TOKEN", "hf_other"),
            (line, termination) -> {});
    assertThat(refused.code()).isEqualTo(16);
    assertThat(refused.err())
        .contains("spec.output.pushToHub.tokenSecretName: hf://acme/sums-adapter@main: access is")
        .doesNotContain("rows,");

    Invocation nobody = train(Map.of("HF_ENDPOINT", server.endpoint()), (line, end) -> {});
    assertThat(nobody.code()).isEqualTo(16);
    assertThat(nobody.err())
        .contains("spec.output.pushToHub: there is no token to write with", "Set HF_TOKEN");
  }

  @Test
  void aPodUsesTheTokenThatIsMountedForThePush() throws IOException {
    Path root = folder.resolve("pod");
    Surroundings pod = new Surroundings(Map.of("HF_TOKEN", HubServer.TOKEN), Long.MAX_VALUE, root);
    var tree =
        new YAMLMapper()
            .readTree(
                MANIFEST.replace(
                    "tokenSecretName",
                    "endpoint: \"%s\", tokenSecretName".formatted(server.endpoint())))
            .path("spec");
    var spec =
        SpecReader.read(
            tree,
            Map.of(
                "baseModel.source", new Source.Local(model),
                "dataset.train.source", new Source.Local(folder),
                "output.destination", new Source.Local(output)));

    RunFailure noKey =
        catchThrowableOfType(RunFailure.class, () -> AdapterPush.of(spec, pod).orElseThrow());
    assertThat(noKey)
        .hasMessage("spec.output.pushToHub.tokenSecretName: Secret hf-token has no key token");

    Path secret = root.resolve(PodPaths.secrets(Role.PUSH).substring(1));
    Files.createDirectories(secret);
    Files.writeString(secret.resolve(PodPaths.HUB_TOKEN), HubServer.TOKEN + "\n");
    AdapterPush.of(spec, pod).orElseThrow().prepare();
    assertThat(server.filesOf(NAME)).contains(".gitattributes");
  }
}
