package io.loraoperator.torch;

import java.lang.foreign.Arena;
import java.lang.foreign.SegmentAllocator;
import java.util.Set;

/**
 * A model's weights by their Hugging Face names ({@code model.layers.0.self_attn.q_proj.weight}),
 * wherever they come from: safetensors, sharded or not, or GGUF.
 */
public interface WeightSource extends AutoCloseable {

  /** All tensor names. */
  Set<String> names();

  /** The shape of a tensor as the model sees it, without reading its values. */
  long[] shape(String name);

  /**
   * The type that holds a tensor's values as they are stored; bfloat16 for quantised blocks, and
   * float32 where there is no such type.
   */
  DType dtype(String name);

  /**
   * Reads one tensor, converted to the wanted floating-point type (dequantised where the file holds
   * quantised blocks). Same type as stored: a view of the mapped file, without a copy.
   *
   * @param memory where a converted tensor's memory comes from, one allocation of its size
   * @throws java.util.NoSuchElementException if there is no tensor of that name; the message names
   *     the file
   */
  HostTensor read(String name, DType as, SegmentAllocator memory);

  /** The same in memory that is freed when nothing refers to it any more. */
  default HostTensor read(String name, DType as) {
    return read(name, as, Arena.ofAuto());
  }

  /** Releases the mappings; tensors that were read are invalid afterwards. */
  @Override
  void close();
}
