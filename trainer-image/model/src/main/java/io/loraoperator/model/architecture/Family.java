package io.loraoperator.model.architecture;

/** A kind of model, with one configuration of it. */
sealed interface Family
    permits Gemma1,
        Gemma2,
        Gemma3,
        Gpt2,
        GptNeo,
        Llama,
        Mistral,
        Opt,
        Phi,
        Phi3,
        Qwen2,
        Qwen3,
        SmolLm3 {

  /** What the message of a refusal lists. */
  String SUPPORTED =
      "one of gemma, gemma2, gemma3_text, gpt2, gpt_neo, llama, mistral, opt, phi, phi3, qwen2, qwen3 and"
          + " smollm3";

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
      case "gemma" -> new Gemma1(config);
      case "gemma2" -> new Gemma2(config);
      case "gemma3_text" -> new Gemma3(config);
      case "gpt2" -> new Gpt2(config);
      case "gpt_neo" -> new GptNeo(config);
      case "llama" -> new Llama(config);
      case "mistral" -> new Mistral(config);
      case "opt" -> new Opt(config);
      case "phi" -> new Phi(config);
      case "phi3" -> new Phi3(config);
      case "qwen2" -> new Qwen2(config);
      case "qwen3" -> new Qwen3(config);
      case "smollm3" -> new SmolLm3(config);
      default -> throw config.unsupported("model_type", type, SUPPORTED);
    };
  }
}
