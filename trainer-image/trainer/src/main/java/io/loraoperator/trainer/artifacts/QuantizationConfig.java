package io.loraoperator.trainer.artifacts;

import com.fasterxml.jackson.databind.JsonNode;
import io.loraoperator.checkpoint.CheckpointException;
import io.loraoperator.contract.ContractJson;
import io.loraoperator.contract.FineTuneSpec;
import io.loraoperator.model.Precision;
import io.loraoperator.model.Quantization;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * {@code quantization_config.json} beside an adapter that was trained over a quantised base: with
 * another base it is another function. In the words of transformers' {@code BitsAndBytesConfig},
 * which takes the file as it is; PEFT itself leaves it to the caller.
 */
public final class QuantizationConfig {

  /** The file's name. */
  public static final String FILE = "quantization_config.json";

  private static final String TYPE = "bnb_4bit_quant_type";
  private static final String DOUBLE = "bnb_4bit_use_double_quant";
  private static final String BLOCK_SIZE = "bnb_4bit_blocksize";

  private QuantizationConfig() {}

  /** Writes the file into an adapter's folder. */
  public static void write(Path adapter, Quantization quantization, Precision precision) {
    Map<String, Object> values = new LinkedHashMap<>();
    values.put("quant_method", "bitsandbytes");
    values.put("load_in_4bit", true);
    values.put(TYPE, "nf4");
    values.put(DOUBLE, quantization.doubleQuantization());
    values.put("bnb_4bit_compute_dtype", precision.name().toLowerCase(Locale.ROOT));
    values.put(BLOCK_SIZE, quantization.blockSize());
    try {
      Files.writeString(adapter.resolve(FILE), ContractJson.write(values) + "\n");
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /**
   * How the base of an adapter was quantised; null if it was not, or if another program wrote the
   * adapter and does not say.
   *
   * @throws CheckpointException if the file is not of four-bit NormalFloat
   */
  public static @Nullable Quantization read(Path adapter) {
    Path file = adapter.resolve(FILE);
    if (!Files.isRegularFile(file)) {
      return null;
    }
    try {
      JsonNode values = ContractJson.readTree(Files.readString(file));
      if (!"nf4".equals(values.path(TYPE).asText())) {
        throw new IOException("%s is %s, supported is nf4".formatted(TYPE, values.path(TYPE)));
      }
      return new Quantization(
          values.path(DOUBLE).asBoolean(),
          values.path(BLOCK_SIZE).asInt(FineTuneSpec.Quantization.DEFAULT_BLOCK_SIZE));
    } catch (IOException | IllegalArgumentException e) {
      throw new CheckpointException(
          CheckpointException.Kind.INVALID,
          file.toString(),
          String.valueOf(e.getMessage()),
          "Say it by --quantization instead, and take the file away.");
    }
  }
}
