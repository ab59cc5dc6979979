package io.loraoperator.model;

import static org.assertj.core.api.Assertions.assertThat;

import io.loraoperator.model.architecture.BaseDropout;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

class BaseDropoutTest {

  static List<Arguments> configurations() {
    return List.of(
        Arguments.of(Map.of("model_type", "llama"), ""),
        Arguments.of(
            Map.of("model_type", "llama", "attention_dropout", 0.25), "attention_dropout 0.25"),
        Arguments.of(
            Map.of("model_type", "gpt2"), "embd_pdrop 0.1, resid_pdrop 0.1, attn_pdrop 0.1"),
        Arguments.of(
            Map.of("model_type", "gpt2", "embd_pdrop", 0, "attn_pdrop", 0.2),
            "resid_pdrop 0.1, attn_pdrop 0.2"),
        Arguments.of(Map.of("model_type", "opt", "layerdrop", 0.5), "dropout 0.1, layerdrop 0.5"),
        Arguments.of(
            Map.of("model_type", "gpt_neo", "resid_dropout", 0.1, "embed_dropout", 0.2),
            "embed_dropout 0.2, resid_dropout 0.1"),
        Arguments.of(
            Map.of("model_type", "phi", "resid_pdrop", 0.1, "embd_pdrop", 0.0), "resid_pdrop 0.1"));
  }

  @ParameterizedTest
  @MethodSource("configurations")
  void namesWhatIsNotZero(Map<String, Object> config, String named) {
    assertThat(BaseDropout.describe(BaseDropout.of(config))).isEqualTo(named);
  }
}
