package io.loraoperator.model.architecture;

/** A kind of model, with one configuration of it. */
sealed interface Family permits Llama {

  /**
   * What the configuration means.
   *
   * @throws UnsupportedModelException naming the setting or the missing field
   */
  Architecture architecture();

  /**
   * The family that a configuration names.
   *
   * @throws UnsupportedModelException naming a model type that is not supported
   */
  static Family of(ConfigFields config) {
    String type = config.text("model_type");
    return switch (type) {
      case "llama" -> new Llama(config);
      default -> throw config.unsupported("model_type", type, "llama");
    };
  }
}
