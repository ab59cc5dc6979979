package io.loraoperator.trainer.hub;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.loraoperator.checkpoint.CheckpointException;
import io.loraoperator.contract.PodPaths;
import io.loraoperator.contract.PodPaths.Role;
import io.loraoperator.contract.Reason;
import io.loraoperator.contract.Source;
import io.loraoperator.trainer.RunFailure;
import io.loraoperator.trainer.TinyModel;
import io.loraoperator.trainer.cli.Invocation;
import io.loraoperator.trainer.run.SourceFiles;
import io.loraoperator.trainer.run.Surroundings;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Runs whose sources lie on the hub. */
class HubSourcesTest {

  private static final String ROWS = "{\"prompt\": \"1+1=\", \"completion\": \"2\"}\n";

  @TempDir Path folder;
  private HubServer server;

  @BeforeEach
  void start() throws IOException {
    server = new HubServer();
  }

  @AfterEach
  void stop() {
    server.close();
  }

  private void publish(String name) throws IOException {
    Path model = TinyModel.write(folder.resolve("written"), true);
    try (Stream<Path> files = Files.list(model)) {
      for (Path file : files.toList()) {
        server.model(name).put(file.getFileName().toString(), Files.readAllBytes(file));
      }
    }
  }

  @Test
  void aRunOfWhatLiesOnTheHubRecordsTheCommits() throws IOException {
    publish("acme/tiny");
    server.dataset("acme/sums").put("sums_train.jsonl", ROWS).put("sums_eval.jsonl", ROWS);
    Path manifest =
        Files.writeString(
            folder.resolve("finetune.yaml"),
            """
            apiVersion: finetune.loraoperator.io/v1alpha1
            kind: LoraFineTune
            metadata: {name: hub}
            spec:
              baseModel: {source: {huggingFace: {repository: acme/tiny}}, precision: Float32}
              dataset:
                train: {source: {huggingFace: {repository: acme/sums}}}
                evaluation: {source: {huggingFace: {repository: acme/sums, split: test}}}
                prompt: {promptCompletion: {promptField: prompt, completionField: completion}}
              lora: {rank: 2, alpha: 4}
              training: {maxSteps: 1, batchSize: 1}
            """);

    Invocation run =
        Invocation.of(
            (line, termination) -> {},
            Map.of("HF_ENDPOINT", server.endpoint(), "HF_TOKEN", HubServer.TOKEN),
            "train",
            manifest.toString(),
            "--output",
            folder.resolve("out").toString());

    assertThat(run.code()).as(run.err()).isZero();
    JsonNode provenance =
        new ObjectMapper()
            .readTree(folder.resolve("out/manifest.json").toFile())
            .path("provenance");
    assertThat(provenance.path("baseModel").asText()).isEqualTo("acme/tiny");
    assertThat(provenance.path("revisions").toString())
        .isEqualTo(
            """
            {"spec.baseModel.source":"hf://acme/tiny@%s",\
            "spec.dataset.evaluation.source":"hf://datasets/acme/sums@%s",\
            "spec.dataset.train.source":"hf://datasets/acme/sums@%s"}\
            """
                .formatted(
                    server.model("acme/tiny").commit(),
                    server.dataset("acme/sums").commit(),
                    server.dataset("acme/sums").commit()));
    assertThat(folder.resolve("out/README.md"))
        .content()
        .contains("base_model: acme/tiny")
        .contains("hf://acme/tiny@" + server.model("acme/tiny").commit());
  }

  @Test
  void aBadRowIsNamedByItsAddressOnTheHub() throws IOException {
    publish("acme/tiny");
    server.dataset("acme/sums").put("data/train.jsonl", ROWS + "{\n");
    Path manifest =
        Files.writeString(
            folder.resolve("finetune.yaml"),
            """
            apiVersion: finetune.loraoperator.io/v1alpha1
            kind: LoraFineTune
            metadata: {name: hub}
            spec:
              baseModel: {source: {huggingFace: {repository: acme/tiny, endpoint: "ENDPOINT"}}}
              dataset:
                train: {source: {huggingFace: {repository: acme/sums, endpoint: "ENDPOINT"}}}
                prompt: {promptCompletion: {promptField: prompt, completionField: completion}}
              training: {maxSteps: 1}
            """
                .replace("ENDPOINT", server.endpoint()));

    Invocation run =
        Invocation.of("train", manifest.toString(), "--output", folder.resolve("out").toString());

    assertThat(run.code()).isEqualTo(14);
    assertThat(run.err())
        .contains(
            "hf://datasets/acme/sums@%s/data/train.jsonl, line 2"
                .formatted(server.dataset("acme/sums").commit()));
  }

  private SourceFiles inPod(Path root) {
    return new SourceFiles(
        new Surroundings(Map.of("HF_TOKEN", HubServer.TOKEN), Long.MAX_VALUE, root),
        folder.resolve("work"),
        line -> {});
  }

  private Source.HuggingFace source(String repository, @Nullable String secret) {
    return new Source.HuggingFace(repository, null, null, null, secret, server.endpoint());
  }

  @Test
  void aPodUsesTheMountedTokenOfTheSourceAndNoOther() throws IOException {
    publish("acme/gated");
    server.model("acme/gated").gated();
    Path root = folder.resolve("pod");
    Path secret = root.resolve(PodPaths.secrets(Role.MODEL).substring(1));
    Files.createDirectories(secret);
    Source.HuggingFace source = source("acme/gated", "hf-token");

    RunFailure noKey = catchThrowableOfType(RunFailure.class, () -> inPod(root).model(source));
    assertThat(noKey.reason()).isEqualTo(Reason.StorageAccessDenied);
    assertThat(noKey)
        .hasMessage(
            "spec.baseModel.source.huggingFace.tokenSecretName: Secret hf-token has no key token");

    Files.writeString(secret.resolve(PodPaths.HUB_TOKEN), HubServer.TOKEN + "\n");
    assertThat(inPod(root).model(source).resolve("model.safetensors")).exists();

    RunFailure nobody =
        catchThrowableOfType(
            RunFailure.class,
            () -> {
              Files.delete(folder.resolve("work/sources/model/model.safetensors"));
              inPod(root).model(source("acme/gated", null));
            });
    assertThat(nobody.reason()).isEqualTo(Reason.StorageAccessDenied);
    assertThat(nobody).hasMessageContaining("give a token with tokenSecretName");
  }

  @Test
  void onlyOneCopyOfTheWeightsIsFetched() {
    server
        .model("acme/many")
        .put("config.json", "{}")
        .put("model.safetensors.index.json", "{\"weight_map\": {\"a\": \"model-1.safetensors\"}}")
        .put("model-1.safetensors", "shard")
        .put("consolidated.safetensors", "the same once more")
        .put("pytorch_model.bin", "a pickle")
        .put("original/params.json", "{}")
        .put("tokenizer.json", "{}");

    Path model = inPod(folder.resolve("pod")).model(source("acme/many", null));

    assertThat(model.toFile().list())
        .containsExactlyInAnyOrder(
            "config.json", "model.safetensors.index.json", "model-1.safetensors", "tokenizer.json");
  }

  @ParameterizedTest
  @CsvSource({
    "pytorch_model.bin, model, M.from_pretrained('acme/old').save_pretrained('acme/old-safetensors')",
    "adapter_model.bin, adapter, from peft import AutoPeftModelForCausalLM",
  })
  void picklesAreRefusedWithTheCommandThatConvertsThem(String name, String role, String command) {
    server.model("acme/old").put("config.json", "{}").put(name, "pickle");
    SourceFiles files = inPod(folder.resolve("pod"));
    Source.HuggingFace source = source("acme/old", null);

    CheckpointException refusal =
        catchThrowableOfType(
            CheckpointException.class,
            () -> {
              var _ = role.equals("model") ? files.model(source) : files.adapter(source);
            });

    assertThat(refusal.kind()).isEqualTo(CheckpointException.Kind.UNSUPPORTED);
    assertThat(refusal.remedy()).contains(command);
    assertThat(server.requests()).noneMatch(request -> request.path().contains(".bin"));
  }

  @ParameterizedTest
  @CsvSource({
    "a.gguf, BaseModelNotFound, ",
    "a-00001-of-00002.gguf a-00002-of-00002.gguf, BaseModelNotFound, ",
    "a.gguf b.gguf, BaseModelNotFound, holds 2 .gguf files",
    "adapter_config.json, BaseModelNotFound, is a LoRA adapter",
    "readme.md, BaseModelNotFound, 'holds no model.safetensors, model.safetensors.index.json or .gguf file'",
  })
  void aRepositoryWithoutAModelSaysWhatItHolds(
      String names, String reason, @Nullable String message) {
    for (String name : names.split(" ", -1)) {
      server.model("acme/odd").put(name, "{}");
    }
    SourceFiles files = inPod(folder.resolve("pod"));
    Source.HuggingFace source = source("acme/odd", null);
    if (message == null) {
      assertThat(names.split(" ", -1))
          .allSatisfy(name -> assertThat(files.model(source).resolve(name)).exists());
      return;
    }
    RunFailure failure = catchThrowableOfType(RunFailure.class, () -> files.model(source));
    assertThat(failure.reason()).isEqualTo(Reason.valueOf(reason));
    assertThat(failure).hasMessageContaining(message).hasMessageContaining("hf://acme/odd@");
  }
}
