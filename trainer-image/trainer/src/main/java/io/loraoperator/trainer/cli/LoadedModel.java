package io.loraoperator.trainer.cli;

import io.loraoperator.checkpoint.BaseModelFiles;
import io.loraoperator.checkpoint.PeftAdapter;
import io.loraoperator.model.FineTunableModel;
import io.loraoperator.model.LoraConfig;
import io.loraoperator.model.Precision;
import io.loraoperator.model.architecture.Architecture;
import io.loraoperator.torch.Torch;
import io.loraoperator.torch.TorchSettings;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * A model of this machine with its tokenizer, and an adapter if there is one.
 *
 * @param files closed with the model
 */
record LoadedModel(BaseModelFiles files, FineTunableModel model) implements AutoCloseable {

  /** Loads a model to be asked, not trained. */
  static LoadedModel load(
      Path baseModel, @Nullable Path adapterFolder, Precision precision, int threads) {
    BaseModelFiles files = BaseModelFiles.open(baseModel);
    try {
      Torch.start(new TorchSettings(threads));
      Architecture architecture = Architecture.of(files.config());
      PeftAdapter adapter = adapterFolder == null ? null : PeftAdapter.read(adapterFolder);
      FineTunableModel model =
          FineTunableModel.load(
              architecture, files.weights(), precision, adapter == null ? null : config(adapter));
      if (adapter != null) {
        model.loadAdapter(adapter.tensors());
      }
      return new LoadedModel(files, model);
    } catch (RuntimeException e) {
      files.close();
      throw e;
    }
  }

  private static LoraConfig config(PeftAdapter adapter) {
    // The scale is the file's own, however its alpha is to be divided.
    double alpha = adapter.config().scale() * adapter.config().rank();
    return new LoraConfig(adapter.config().rank(), alpha, 0, adapter.config().targetModules(), 0);
  }

  @Override
  public void close() {
    model.close();
    files.close();
  }
}
