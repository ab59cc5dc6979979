package io.loraoperator.checkpoint;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;

/** Python pickles can run any code when they are read, so they never are. */
public final class Pickles {

  private static final List<String> SUFFIXES =
      List.of(".bin", ".pt", ".pth", ".ckpt", ".pkl", ".pickle");

  private Pickles() {}

  /** Whether the file's name is that of a PyTorch pickle. */
  static boolean isPickle(Path file) {
    Path name = file.getFileName();
    return name != null && isPickle(name.toString());
  }

  /** Whether a file's name is that of a PyTorch pickle. */
  public static boolean isPickle(String name) {
    String lower = name.toLowerCase(Locale.ROOT);
    return SUFFIXES.stream().anyMatch(lower::endsWith)
        // The trainer's own arguments lie beside many models and hold no weights.
        && !lower.equals("training_args.bin");
  }

  /**
   * If the wanted safetensors file is missing but a pickle of that name is there, says how to
   * convert it.
   */
  static void refuse(Path folder, Path wanted, String stem) {
    if (Files.exists(wanted)) {
      return;
    }
    for (Path file : Folders.list(folder)) {
      if (isPickle(file) && file.getFileName().toString().startsWith(stem)) {
        throw refusal(file, folder);
      }
    }
  }

  /** The refusal of one pickle, with the command that converts its folder. */
  static CheckpointException refusal(Path pickle, Path folder) {
    return refusal(pickle.toString(), folder.toString());
  }

  /**
   * The refusal of one pickle, with the command that converts the model or adapter.
   *
   * @param model its folder, or its repository on the Hugging Face hub
   */
  public static CheckpointException refusal(String pickle, String model) {
    boolean adapter = pickle.substring(pickle.lastIndexOf('/') + 1).startsWith("adapter_model");
    String script =
        adapter
            ? "from peft import AutoPeftModelForCausalLM as M;"
                + " M.from_pretrained('%1$s').save_pretrained('%1$s-safetensors')"
            : "from transformers import AutoModelForCausalLM as M, AutoTokenizer as T;"
                + " M.from_pretrained('%1$s').save_pretrained('%1$s-safetensors');"
                + " T.from_pretrained('%1$s').save_pretrained('%1$s-safetensors')";
    return CheckpointException.unsupported(
        pickle,
        "is a Python pickle, which can run any code when it is loaded, so it is never read",
        "If you trust it, convert it to safetensors once: python3 -c \"%s\""
            .formatted(script.formatted(model)));
  }
}
