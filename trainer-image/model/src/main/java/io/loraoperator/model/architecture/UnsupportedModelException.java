package io.loraoperator.model.architecture;

/** The base model is of a kind, or has a setting or a tensor, that cannot be fine-tuned here. */
public sealed class UnsupportedModelException extends RuntimeException
    permits UnsupportedAdapterException {

  private static final long serialVersionUID = 1L;

  /** Names what is not supported and where it stands. */
  public UnsupportedModelException(String message) {
    super(message);
  }
}
