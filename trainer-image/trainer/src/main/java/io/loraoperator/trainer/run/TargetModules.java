package io.loraoperator.trainer.run;

import io.loraoperator.contract.FineTuneSpec;
import io.loraoperator.contract.InvalidSpecException;
import io.loraoperator.model.LoraConfig;
import io.loraoperator.model.architecture.Architecture;
import io.loraoperator.model.architecture.UnsupportedModelException;
import java.util.List;

/** Which modules get an adapter. */
public final class TargetModules {

  private TargetModules() {}

  /** The adapter's configuration for a model; the excluded modules are left out. */
  public static LoraConfig resolve(FineTuneSpec.Lora lora, long seed, Architecture architecture) {
    List<String> wanted =
        lora.targetModules().isEmpty() ? architecture.defaultTargets() : lora.targetModules();
    List<String> resolved;
    try {
      resolved = config(lora, wanted, seed).resolvedTargets(architecture);
    } catch (UnsupportedModelException e) {
      throw new InvalidSpecException(
          "spec.lora.targetModules",
          String.valueOf(e.getMessage()),
          "name modules of the model, or all-linear");
    }
    List<String> left =
        resolved.stream()
            .filter(module -> lora.excludeModules().stream().noneMatch(out -> matches(module, out)))
            .toList();
    if (left.isEmpty()) {
      throw new InvalidSpecException(
          "spec.lora.excludeModules", "leaves no module to adapt", "exclude fewer");
    }
    return config(lora, left, seed);
  }

  private static boolean matches(String module, String excluded) {
    return module.equals(excluded) || excluded.endsWith("." + module);
  }

  private static LoraConfig config(FineTuneSpec.Lora lora, List<String> targets, long seed) {
    return new LoraConfig(lora.rank(), lora.alpha(), lora.dropout().doubleValue(), targets, seed);
  }
}
