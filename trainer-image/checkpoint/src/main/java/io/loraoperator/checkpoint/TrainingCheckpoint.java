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
 * @param trainerState what else the trainer wants back, opaque here
 */
public record TrainingCheckpoint(
    PeftAdapter adapter, Map<String, HostTensor> optimizer, ObjectNode trainerState) {

  /** The optimizer's state, as safetensors. */
  public static final String OPTIMIZER_FILE = "optimizer.safetensors";

  /** The trainer's state, as JSON. */
  public static final String STATE_FILE = "trainer_state.json";

  /** What every checkpoint holds besides its manifest. */
  public static final List<String> FILES =
      List.of(PeftAdapter.CONFIG_FILE, PeftAdapter.WEIGHTS_FILE, OPTIMIZER_FILE, STATE_FILE);

  public TrainingCheckpoint {
    optimizer = Map.copyOf(optimizer);
  }
}
