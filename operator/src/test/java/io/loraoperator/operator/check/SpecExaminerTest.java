package io.loraoperator.operator.check;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.loraoperator.contract.ContractJson;
import java.io.IOException;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SpecExaminerTest {

  private static final String SPEC =
      """
      {"baseModel":{"source":{"s3":{"uri":"s3://models/smollm2/"MORE}}},
       "dataset":{"train":{"source":{"s3":{"uri":"s3://data/train.jsonl"}}},
                  "prompt":{"promptCompletion":{"promptField":"prompt","completionField":"completion"}}},
       "training":{"epochs":"1"},
       "output":{"destination":{"s3":{"uri":"s3://adapters/"}}}}
      """;

  @ParameterizedTest
  @CsvSource({
    "https://minio.minio:9000, true",
    "https://MINIO.minio:9000/, true",
    "http://minio.minio:9000, false",
    "https://minio.minio, false",
    "https://s3.amazonaws.com:443, true",
    "https://elsewhere.example, false"
  })
  void storageIsReachedOnlyWhereItIsAllowed(String endpoint, boolean allowed) throws IOException {
    SpecExaminer examiner =
        new SpecExaminer(List.of("https://minio.minio:9000", "https://s3.amazonaws.com"));

    SpecVerdict verdict = examiner.examine(spec(",\"endpoint\":\"" + endpoint + "\""));

    if (allowed) {
      assertThat(verdict).isInstanceOf(SpecVerdict.Accepted.class);
    } else {
      assertThat(verdict)
          .isInstanceOfSatisfying(
              SpecVerdict.Rejected.class,
              rejected ->
                  assertThat(rejected.message())
                      .contains("spec.baseModel.source.s3.endpoint")
                      .contains(endpoint)
                      .contains("Use one of: https://minio.minio:9000"));
    }
  }

  @Test
  void withoutAListEveryEndpointIsAllowed() throws IOException {
    assertThat(new SpecExaminer(List.of()).examine(spec(",\"endpoint\":\"http://any:1\"")))
        .isInstanceOf(SpecVerdict.Accepted.class);
  }

  @Test
  void noEndpointMeansAws() throws IOException {
    assertThat(new SpecExaminer(List.of("https://minio.minio:9000")).examine(spec("")))
        .isInstanceOfSatisfying(
            SpecVerdict.Rejected.class,
            rejected -> assertThat(rejected.message()).contains("s3.amazonaws.com"));
  }

  @ParameterizedTest
  @CsvSource({
    "'', https://huggingface.co, true",
    "'', https://minio.minio:9000, false",
    "',\"endpoint\":\"https://hub.example\"', https://hub.example, true"
  })
  void theHubIsStorageToo(String more, String allowed, boolean accepted) throws IOException {
    ObjectNode spec = spec("");
    ((ObjectNode) spec.at("/baseModel"))
        .set(
            "source",
            ContractJson.readTree(
                "{\"huggingFace\":{\"repository\":\"microsoft/phi-2\"%s}}".formatted(more)));

    SpecVerdict verdict =
        new SpecExaminer(List.of(allowed, "https://s3.amazonaws.com")).examine(spec);

    if (accepted) {
      assertThat(verdict).isInstanceOf(SpecVerdict.Accepted.class);
    } else {
      assertThat(verdict)
          .isInstanceOfSatisfying(
              SpecVerdict.Rejected.class,
              rejected ->
                  assertThat(rejected.message())
                      .contains("spec.baseModel.source.huggingFace.endpoint")
                      .contains("https://huggingface.co"));
    }
  }

  @Test
  void anAdapterIsPushedOnlyWhereItIsAllowed() throws IOException {
    ObjectNode spec = spec("");
    ((ObjectNode) spec.at("/output"))
        .set(
            "pushToHub",
            ContractJson.readTree("{\"repository\":\"a/b\",\"tokenSecretName\":\"token\"}"));

    assertThat(new SpecExaminer(List.of("https://s3.amazonaws.com")).examine(spec))
        .isInstanceOfSatisfying(
            SpecVerdict.Rejected.class,
            rejected ->
                assertThat(rejected.message())
                    .contains("spec.output.pushToHub.endpoint")
                    .contains("https://huggingface.co"));
  }

  @Test
  void aListThatIsNoneIsRefusedAtOnce() {
    assertThatThrownBy(() -> new SpecExaminer(List.of("minio:9000")))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("https://host:port");
  }

  @Test
  void accessBelongsToTheAttemptAndAddressesToTheRun() throws IOException {
    SpecExaminer examiner = new SpecExaminer(List.of());
    SpecVerdict.Accepted plain = (SpecVerdict.Accepted) examiner.examine(spec(""));
    SpecVerdict.Accepted other =
        (SpecVerdict.Accepted) examiner.examine(spec(",\"secretName\":\"keys\""));

    assertThat(other.specHash()).isEqualTo(plain.specHash());
    assertThat(other.attemptHash()).isNotEqualTo(plain.attemptHash());
  }

  private static ObjectNode spec(String more) throws IOException {
    return (ObjectNode) ContractJson.readTree(SPEC.replace("MORE", more));
  }
}
