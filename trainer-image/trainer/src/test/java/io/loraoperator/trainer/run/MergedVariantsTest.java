package io.loraoperator.trainer.run;

import static org.assertj.core.api.Assertions.assertThat;

import io.loraoperator.checkpoint.BaseModelFiles;
import io.loraoperator.checkpoint.ModelWriter;
import io.loraoperator.checkpoint.PeftAdapter;
import io.loraoperator.model.FineTunableModel;
import io.loraoperator.model.Precision;
import io.loraoperator.model.architecture.Architecture;
import io.loraoperator.torch.Torch;
import io.loraoperator.torch.TorchSettings;
import io.loraoperator.trainer.merge.AdapterMerge;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.FieldSource;

/** What PEFT computes with a base model and each form of adapter, the merged model computes. */
class MergedVariantsTest {

  /** All that are of weights as they are in the file. */
  static final List<String> variants =
      LoraParityTest.variants.stream()
          .filter(name -> !name.contains("nf4") && !name.endsWith("quantized"))
          .toList();

  @TempDir Path folder;

  @BeforeAll
  static void start() {
    Torch.start(new TorchSettings(1));
  }

  @ParameterizedTest
  @FieldSource("variants")
  void answersAsTheTwoTogether(String name) throws IOException {
    LoraFixture fixture = LoraFixture.read(name);
    Path model = fixture.copyBase(folder.resolve("model"));
    Path merged = folder.resolve("merged");

    try (BaseModelFiles base =
        BaseModelFiles.open(model, fixture.spec().baseModel().addedTokens())) {
      new AdapterMerge(base, PeftAdapter.read(fixture.folder()))
          .write(merged, null, ModelWriter.SHARD_BYTES);
    }

    try (BaseModelFiles base = BaseModelFiles.open(merged);
        FineTunableModel alone =
            FineTunableModel.load(
                Architecture.of(base.config()), base.weights(), Precision.FLOAT32, null)) {
      assertThat(base.config())
          .containsEntry("vocab_size", fixture.architecture().vocabularySize());
      float[] logits = alone.logits(fixture.logitsRow());
      assertThat(LoraFixture.largestDifference(logits, fixture.logits())).isLessThan(1e-4);
    }
  }
}
