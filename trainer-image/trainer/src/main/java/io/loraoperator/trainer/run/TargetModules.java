package io.loraoperator.trainer.run;

import io.loraoperator.contract.FineTuneSpec;
import io.loraoperator.contract.InvalidSpecException;
import io.loraoperator.model.BiasMode;
import io.loraoperator.model.LayerRange;
import io.loraoperator.model.LoraConfig;
import io.loraoperator.model.LoraVariant;
import io.loraoperator.model.architecture.Architecture;
import io.loraoperator.model.architecture.UnsupportedAdapterException;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** Which modules get an adapter. */
public final class TargetModules {

  private TargetModules() {}

  /**
   * The adapter's configuration for a model.
   *
   * @param newTokens whose rows of embedding and head are trained, unless those are trained in full
   * @throws InvalidSpecException if it does not fit the model
   */
  public static LoraConfig resolve(
      FineTuneSpec.Lora lora, List<Integer> newTokens, long seed, Architecture architecture) {
    LoraConfig config =
        new LoraConfig(
            lora.rank(),
            lora.alpha(),
            lora.dropout().doubleValue(),
            lora.targetModules().isEmpty() ? architecture.defaultTargets() : lora.targetModules(),
            lora.excludeModules(),
            layers(lora.layers(), architecture),
            lora.rankPattern(),
            doubles(lora.alphaPattern()),
            lora.modulesToSave(),
            switch (lora.bias()) {
              case None -> BiasMode.NONE;
              case All -> BiasMode.ALL;
              case LoraOnly -> BiasMode.LORA_ONLY;
            },
            Map.of(),
            switch (lora.variant()) {
              case Standard -> LoraVariant.STANDARD;
              case RankStabilized -> LoraVariant.RANK_STABILIZED;
              case DoRA -> LoraVariant.DORA;
            },
            seed);
    try {
      var _ = config.resolve(architecture);
      config = config.withTrainedTokens(rows(config, newTokens, architecture));
    } catch (UnsupportedAdapterException e) {
      throw new InvalidSpecException(
          "spec.lora." + e.field(),
          String.valueOf(e.getMessage()),
          "name modules of the model, or all-linear");
    }
    try {
      var _ = config.trainedTokens(architecture);
    } catch (UnsupportedAdapterException e) {
      throw new InvalidSpecException(
          "spec.baseModel.addedTokens",
          String.valueOf(e.getMessage()),
          "train that module in full and without an adapter: name it in spec.lora.modulesToSave alone");
    }
    return config;
  }

  /** A new token is read and written, so it has a row in the embedding and one in the head. */
  private static Map<String, List<Integer>> rows(
      LoraConfig config, List<Integer> newTokens, Architecture architecture) {
    List<String> whole = config.trainedModules(architecture);
    String embedding = architecture.embedding().module();
    String head = architecture.head().tied() ? embedding : architecture.head().path();
    return newTokens.isEmpty()
        ? Map.of()
        : Stream.of(embedding, head)
            .distinct()
            .filter(module -> !whole.contains(module))
            .collect(
                Collectors.toMap(
                    module -> module.substring(module.lastIndexOf('.') + 1), module -> newTokens));
  }

  private static @Nullable LayerRange layers(
      FineTuneSpec.@Nullable Layers layers, Architecture architecture) {
    if (layers == null) {
      return null;
    }
    int to = layers.to() == null ? architecture.layers() : layers.to();
    if (layers.from() >= architecture.layers() || to > architecture.layers()) {
      throw new InvalidSpecException(
          "spec.lora.layers",
          "the model has the layers 0 to " + (architecture.layers() - 1),
          "take some of those; to is one past the last");
    }
    return new LayerRange(layers.from(), to);
  }

  private static Map<String, Double> doubles(Map<String, Integer> values) {
    return values.entrySet().stream()
        .collect(Collectors.toMap(Map.Entry::getKey, e -> e.getValue().doubleValue()));
  }
}
