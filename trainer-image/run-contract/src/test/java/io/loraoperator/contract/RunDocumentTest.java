package io.loraoperator.contract;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.node.ObjectNode;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class RunDocumentTest {

  /** If this changes, every object in every cluster starts a new run: never let it change. */
  @Test
  void theHashOfAGivenSpecificationStaysForEver() {
    RunDocument document = RunDocument.of(Specs.minimal(), 2);

    assertThat(document.toJson())
        .isEqualTo(
            "{\"schemaVersion\":1,\"spec\":{"
                + "\"baseModel\":{\"source\":{\"s3\":{\"uri\":\"s3://models/tiny/\"}}},"
                + "\"dataset\":{\"prompt\":{\"promptCompletion\":{\"completionField\":\"completion\",\"promptField\":\"prompt\"}},"
                + "\"train\":{\"source\":{\"s3\":{\"uri\":\"s3://data/train.jsonl\"}}}},"
                + "\"output\":{\"destination\":{\"s3\":{\"uri\":\"s3://adapters/team-a/\"}}},"
                + "\"training\":{\"epochs\":\"3\"}},\"threads\":2}");
    assertThat(document.specHash())
        .isEqualTo("4369828f81bc5df4d86aaf997c05240649d07178e06be5f2b8aac537cdd8e16c");
  }

  @Test
  void readsBackWhatItWrites() {
    RunDocument document = RunDocument.of(Specs.minimal(), 3);
    assertThat(RunDocument.parse(document.toJson())).isEqualTo(document);
  }

  @ParameterizedTest(name = "{0} = {1}: same run {2}")
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      textBlock =
          """
          training.batchSize | 8 | true
          training.batchSize | 4 | false
          training.epochs | "3.0" | true
          training.epochs | "3e0" | true
          training.epochs | "2" | false
          training.learningRate | "2e-4" | true
          training.learningRate | "1e-4" | false
          lora.excludeModules | [] | true
          lora.targetModules | ["q_proj"] | false
          resources.memory | "4Gi" | true
          baseModel.source.s3.endpoint | "http://minio:9000" | true
          output.destination.s3.secretName | "other" | true
          checkpoint.everySteps | 7 | true
          suspend | true | true
          restart | "again" | true
          samples.maxNewTokens | 5 | false
          """)
  void onlyRunFieldsThatDifferFromDefaultsCount(String path, String value, boolean same) {
    String hash = RunDocument.of(Specs.with(path, value), 2).specHash();
    assertThat(hash.equals(RunDocument.of(Specs.minimal(), 2).specHash())).isEqualTo(same);
  }

  @Test
  void theOrderOfKeysAndTheThreadsDoNotCount() {
    ObjectNode spec = Specs.minimal();
    ObjectNode reordered = Specs.minimal();
    reordered.removeAll();
    reordered.set("output", spec.get("output"));
    reordered.set("training", spec.get("training"));
    reordered.set("dataset", spec.get("dataset"));
    reordered.set("baseModel", spec.get("baseModel"));

    assertThat(RunDocument.of(reordered, 2).toJson()).isEqualTo(RunDocument.of(spec, 2).toJson());
    assertThat(RunDocument.of(spec, 8).specHash()).isEqualTo(RunDocument.of(spec, 2).specHash());
  }

  @Test
  void runAndAttemptGiveTheSpecificationBack() {
    ObjectNode spec = Specs.with("resources.memory", "\"4Gi\"");
    SpecTree.set(spec, "baseModel.source.s3.secretName", Specs.json("\"keys\""));
    RunDocument run = RunDocument.of(spec, 2);
    AttemptDocument attempt =
        AttemptDocument.of(spec, 1, 2, 4, "team-a", "helper", "0a1b2c3d-4e5f");

    assertThat(SpecReader.merge(run.spec(), attempt.spec())).isEqualTo(spec);
    assertThat(AttemptDocument.parse(attempt.toJson())).isEqualTo(attempt);
    assertThat(attempt.artifactPrefix()).isEqualTo("team-a/helper/1-0a1b2c3d/");
  }

  @Test
  void aNewerDocumentIsRefused() {
    String newer =
        RunDocument.of(Specs.minimal(), 2).toJson().replace("Version\":1", "Version\":2");
    assertThatThrownBy(() -> RunDocument.parse(newer))
        .isInstanceOf(InvalidSpecException.class)
        .hasMessage("run.json: has schema version 2; this trainer reads 1");
    assertThatThrownBy(() -> RunDocument.parse("nonsense"))
        .isInstanceOf(InvalidSpecException.class)
        .hasMessage("run.json: is not a run document");
  }
}
