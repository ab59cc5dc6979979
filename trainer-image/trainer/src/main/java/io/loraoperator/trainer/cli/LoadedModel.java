package io.loraoperator.trainer.cli;

import io.loraoperator.checkpoint.BaseModelFiles;
import io.loraoperator.checkpoint.PeftAdapter;
import io.loraoperator.checkpoint.PeftConfig;
import io.loraoperator.model.BiasMode;
import io.loraoperator.model.FineTunableModel;
import io.loraoperator.model.LoraConfig;
import io.loraoperator.model.LoraVariant;
import io.loraoperator.model.Precision;
import io.loraoperator.model.Quantization;
import io.loraoperator.model.architecture.Architecture;
import io.loraoperator.torch.Torch;
import io.loraoperator.torch.TorchSettings;
import io.loraoperator.trainer.run.AdapterDescription;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * A model of this machine with its tokenizer, and an adapter if there is one.
 *
 * @param files closed with the model
 */
record LoadedModel(BaseModelFiles files, FineTunableModel model) implements AutoCloseable {

  /**
   * Loads a model to be asked, not trained.
   *
   * @param quantization of the base's linear weights; null without
   */
  static LoadedModel load(
      Path baseModel,
      @Nullable Path adapterFolder,
      Precision precision,
      @Nullable Quantization quantization,
      int threads) {
    BaseModelFiles files =
        adapterFolder == null
            ? BaseModelFiles.open(baseModel)
            : BaseModelFiles.openFor(baseModel, adapterFolder);
    try {
      Torch.start(new TorchSettings(threads));
      Architecture architecture = Architecture.of(files.config());
      PeftAdapter adapter = adapterFolder == null ? null : PeftAdapter.read(adapterFolder);
      if (adapter != null) {
        AdapterDescription.requireTying(adapter, architecture);
      }
      FineTunableModel model =
          FineTunableModel.load(
              architecture,
              files.weights(),
              precision,
              quantization,
              adapter == null ? null : config(adapter));
      if (adapter != null) {
        model.loadAdapter(adapter.tensors());
      }
      return new LoadedModel(files, model);
    } catch (RuntimeException e) {
      files.close();
      throw e;
    }
  }

  /** Exactly the modules that the file has, each with its own rank and scale. */
  private static LoraConfig config(PeftAdapter adapter) {
    PeftConfig config = adapter.config();
    Map<String, Integer> ranks = new HashMap<>();
    Map<String, Double> alphas = new HashMap<>();
    for (String module : adapter.modules()) {
      ranks.put(Pattern.quote(module), config.rankOf(module));
      // DoRA may be rank-stabilised, too: as an alpha over the rank either scale can be said.
      alphas.put(
          Pattern.quote(module),
          config.decomposed()
              ? config.scaleOf(module) * config.rankOf(module)
              : config.alphaOf(module));
    }
    return new LoraConfig(
        config.rank(),
        config.alpha(),
        0,
        List.copyOf(adapter.modules()),
        List.of(),
        null,
        ranks,
        alphas,
        config.modulesToSave(),
        switch (config.bias()) {
          case NONE -> BiasMode.NONE;
          case ALL -> BiasMode.ALL;
          case LORA_ONLY -> BiasMode.LORA_ONLY;
        },
        config.trainedTokens(),
        variant(config),
        0);
  }

  private static LoraVariant variant(PeftConfig config) {
    if (config.decomposed()) {
      return LoraVariant.DORA;
    }
    return config.rankStabilised() ? LoraVariant.RANK_STABILIZED : LoraVariant.STANDARD;
  }

  @Override
  public void close() {
    model.close();
    files.close();
  }
}
