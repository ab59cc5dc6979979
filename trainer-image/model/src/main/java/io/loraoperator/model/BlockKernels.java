package io.loraoperator.model;

import io.loraoperator.torch.Kernels;

/** The kernels of all blocks, compiled on first use. */
final class BlockKernels {

  static final Kernels K = Kernels.load("norm", "linear", "attention", "mlp", "head", "optimizer");

  private BlockKernels() {}
}
