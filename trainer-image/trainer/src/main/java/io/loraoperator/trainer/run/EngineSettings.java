package io.loraoperator.trainer.run;

import io.loraoperator.contract.FineTuneSpec;
import io.loraoperator.model.AdamWConfig;
import io.loraoperator.model.Precision;
import io.loraoperator.model.Quantization;
import org.jspecify.annotations.Nullable;

/** What a specification asks for, as the engine names it. */
final class EngineSettings {

  private EngineSettings() {}

  /** How the base model's linear weights are quantized; null if they are not. */
  static @Nullable Quantization quantization(FineTuneSpec.BaseModel baseModel) {
    FineTuneSpec.Quantization asked = baseModel.quantization();
    return asked == null ? null : new Quantization(asked.doubleQuantization(), asked.blockSize());
  }

  /** What the base model is held and computed in. */
  static Precision precision(FineTuneSpec.BaseModel baseModel) {
    return switch (baseModel.precision()) {
      case Float32 -> Precision.FLOAT32;
      case BFloat16 -> Precision.BFLOAT16;
    };
  }

  static AdamWConfig adamW(FineTuneSpec.Optimizer settings) {
    return new AdamWConfig(
        settings.beta1().doubleValue(),
        settings.beta2().doubleValue(),
        settings.epsilon().doubleValue(),
        settings.weightDecay().doubleValue());
  }
}
