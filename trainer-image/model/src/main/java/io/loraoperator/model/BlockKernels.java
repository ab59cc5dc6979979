package io.loraoperator.model;

import io.loraoperator.torch.Kernels;

/** The kernels of all blocks, compiled on first use. */
final class BlockKernels {

  static final Kernels K =
      Kernels.load(
          "norm",
          "residual",
          "layer_norm",
          "head_norm",
          "linear",
          "bias",
          "dora",
          "quantization",
          "positions",
          "softcap",
          "attention",
          "mlp",
          "activation",
          "head",
          "optimizer");

  private BlockKernels() {}
}
