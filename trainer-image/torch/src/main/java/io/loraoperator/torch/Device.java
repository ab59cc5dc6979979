package io.loraoperator.torch;

/** What tensors lie on and kernels run on. */
public enum Device {
  CPU("cpu"),
  /** The first GPU that PyTorch sees. */
  CUDA("cuda");

  private final String torchName;

  Device(String torchName) {
    this.torchName = torchName;
  }

  /** PyTorch's name of it. */
  public String torchName() {
    return torchName;
  }
}
