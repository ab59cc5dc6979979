package io.loraoperator.checkpoint;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.loraoperator.torch.HostTensor;
import java.util.List;
import java.util.Map;

/**
 * Everything a run needs to go on: on disk a folder that is also a PEFT adapter, committed by its
 * {@link CheckpointManifest}.
 *
 * @param adapter the trained matrices with their configuration
 * @param optimizer the optimizer's state by the optimizer's own names
 * @param best the matrices that evaluated best, where they are not those of {@code adapter} and are
 *     to be the run's result; else empty
 * @param trainerState what else the trainer wants back, opaque here
 */
public record TrainingCheckpoint(
    PeftAdapter adapter,
    Map<String, HostTensor> optimizer,
    Map<String, HostTensor> best,
    ObjectNode trainerState) {

  /** The optimizer's state, as safetensors. */
  public static final String OPTIMIZER_FILE = "optimizer.safetensors";

  /** The adapter that evaluated best, as safetensors; not in every checkpoint. */
  public static final String BEST_FILE = "best_adapter.safetensors";

  /** The trainer's state, as JSON. */
  public static final String STATE_FILE = "trainer_state.json";

  /** What every checkpoint holds besides its manifest. */
  public static final List<String> FILES =
      List.of(PeftAdapter.CONFIG_FILE, PeftAdapter.WEIGHTS_FILE, OPTIMIZER_FILE, STATE_FILE);

  public TrainingCheckpoint {
    optimizer = Map.copyOf(optimizer);
    best = Map.copyOf(best);
  }
}
