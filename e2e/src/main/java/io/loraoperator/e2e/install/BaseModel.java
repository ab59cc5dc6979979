package io.loraoperator.e2e.install;

import io.loraoperator.e2e.cluster.process.Command;
import java.nio.file.Path;
import java.util.List;

/** The small real model that examples and tests train. */
public final class BaseModel {
  private BaseModel() {}

  /**
   * SmolLM2-135M-Instruct as GGUF, fetched once per machine and checked against its digest.
   *
   * @param checkout the root folder of the checkout
   */
  public static Path smolLm2(Path checkout) {
    String output =
        Command.run(List.of(checkout.resolve("trainer-image/parity/get-smollm2").toString()));
    return Path.of(output.lines().toList().getLast().strip());
  }
}
