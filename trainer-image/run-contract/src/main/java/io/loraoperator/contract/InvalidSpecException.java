package io.loraoperator.contract;

/** A specification that cannot be carried out, and what to do about it. */
public final class InvalidSpecException extends RuntimeException {

  private final String field;
  private final String remedy;

  /**
   * Names a field, what is wrong with it, and the remedy.
   *
   * @param field path from the root of the manifest: {@code spec.training.batchSize}
   * @param message what is wrong, without the path
   * @param remedy what to change
   */
  public InvalidSpecException(String field, String message, String remedy) {
    super(field + ": " + message);
    this.field = field;
    this.remedy = remedy;
  }

  /** The path of the field, beginning with {@code spec}. */
  public String field() {
    return field;
  }

  /** What to change. */
  public String remedy() {
    return remedy;
  }
}
