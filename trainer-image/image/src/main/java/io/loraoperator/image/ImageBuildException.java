package io.loraoperator.image;

/** The images cannot be built; the message names what is missing or wrong and what to do. */
public final class ImageBuildException extends RuntimeException {
  private static final long serialVersionUID = 1;

  public ImageBuildException(String message) {
    super(message);
  }
}
