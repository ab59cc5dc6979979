package io.loraoperator.trainer.fuzz;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Feeds the readers of strangers' files with damaged and invented ones; {@code trainer-image/fuzz}
 * runs it with a million each.
 */
class FuzzIT {

  private static final Map<String, Class<?>> READERS = readers();
  private static final String WANTED = System.getProperty("lora.fuzz.target", "all");
  private static final int INPUTS = Integer.getInteger("lora.fuzz.inputs", 10_000);
  private static final int SEED = Integer.getInteger("lora.fuzz.seed", 1);
  private static final int AT_ONCE = 2;

  private static final ExecutorService WORKERS = Executors.newFixedThreadPool(AT_ONCE);

  private static Map<String, Class<?>> readers() {
    Map<String, Class<?>> readers = new LinkedHashMap<>();
    readers.put("safetensors", SafetensorsFuzzer.class);
    readers.put("gguf", GgufFuzzer.class);
    readers.put("tokenizer", TokenizerFuzzer.class);
    readers.put("chat-template", ChatTemplateFuzzer.class);
    readers.put("dataset", DatasetFuzzer.class);
    readers.put("manifest", ManifestFuzzer.class);
    return readers;
  }

  /** Starts them all, two at once. */
  static List<Arguments> started() {
    return READERS.entrySet().stream()
        .filter(reader -> WANTED.equals("all") || WANTED.equals(reader.getKey()))
        .map(reader ->
            Arguments.of(
                reader.getKey(),
                WORKERS.submit(
                    () -> Fuzzing.run(reader.getKey(), reader.getValue(), INPUTS, SEED))))
        .toList();
  }

  @AfterAll
  static void stop() {
    WORKERS.shutdownNow();
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("started")
  void everyInputIsReadOrRefused(String target, Future<Fuzzing.Outcome> running)
      throws InterruptedException, ExecutionException {
    Fuzzing.Outcome outcome = running.get();

    System.out.printf("%-13s %s%n", target, outcome.summary());
    assertThat(outcome.fault()).isEmpty();
    assertThat(outcome.inputs()).isEqualTo(INPUTS);
  }
}
