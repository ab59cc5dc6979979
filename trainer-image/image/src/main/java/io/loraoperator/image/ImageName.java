package io.loraoperator.image;

import java.util.Locale;

/** The project's images. */
public enum ImageName {
  OPERATOR("Reconciles LoraFineTune objects"),
  REPORTER("Reports a fine-tuning run's progress to Kubernetes"),
  TRAINER("Fine-tunes language models with LoRA");

  private final String description;

  ImageName(String description) {
    this.description = description;
  }

  /** One line for the image's label. */
  public String description() {
    return description;
  }

  /** The repository's last segment, such as {@code trainer}. */
  public String lowerCase() {
    return name().toLowerCase(Locale.ROOT);
  }
}
