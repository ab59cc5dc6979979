package io.loraoperator.torch;

/** The kernels that tensors themselves are made with, loaded on first use. */
final class CoreKernels {

  static final Kernels INSTANCE = Kernels.load("tensor");

  private CoreKernels() {}
}
