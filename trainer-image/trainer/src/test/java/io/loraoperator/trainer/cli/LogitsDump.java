package io.loraoperator.trainer.cli;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.loraoperator.model.Precision;
import io.loraoperator.model.Sampling;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Set;

/**
 * What {@code parity/smollm2/compare.py} compares with transformers and PEFT: a text's ids, all
 * logits in float32 and a greedy continuation.
 *
 * <p>Arguments: base model, adapter folder or {@code -}, text, file for the logits (little-endian,
 * [T, vocabulary]). Prints JSON with {@code ids} and {@code greedy}.
 */
final class LogitsDump {
  private static final int NEW_TOKENS = 60;

  private LogitsDump() {}

  public static void main(String[] arguments) throws IOException {
    Path adapter = arguments[1].equals("-") ? null : Path.of(arguments[1]);
    try (LoadedModel loaded =
        LoadedModel.load(Path.of(arguments[0]), adapter, Precision.FLOAT32, null, 2)) {
      int[] ids = loaded.files().tokenizer().encode(arguments[2], true).ids();
      float[] logits = loaded.model().logits(ids);
      ByteBuffer bytes =
          ByteBuffer.allocate(logits.length * Float.BYTES).order(ByteOrder.LITTLE_ENDIAN);
      bytes.asFloatBuffer().put(logits);
      Files.write(Path.of(arguments[3]), bytes.array());
      int[] greedy =
          loaded.model().generate(ids, NEW_TOKENS, Set.of(), Sampling.GREEDY, _ -> true).ids();
      System.out.println(
          new ObjectMapper().writeValueAsString(Map.of("ids", ids, "greedy", greedy)));
    }
  }
}
