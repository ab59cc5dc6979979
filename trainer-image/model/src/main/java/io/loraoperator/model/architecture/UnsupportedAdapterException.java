package io.loraoperator.model.architecture;

/** The adapters that are asked for do not fit the base model. */
public final class UnsupportedAdapterException extends UnsupportedModelException {

  private static final long serialVersionUID = 1L;

  private final String field;

  /**
   * Names what does not fit.
   *
   * @param field of {@code LoraConfig}
   */
  public UnsupportedAdapterException(String field, String message) {
    super(message);
    this.field = field;
  }

  /** The field of {@code LoraConfig} that asks for it. */
  public String field() {
    return field;
  }
}
