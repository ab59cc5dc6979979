package io.loraoperator.model.architecture;

import io.loraoperator.model.architecture.AttentionShape.Heads;

/**
 * Sizes under the names that most configurations give them.
 *
 * @param vocabulary tokens
 * @param hidden channels of the residual stream
 * @param inner channels inside the MLP
 */
record Sizes(int vocabulary, int hidden, int layers, Heads heads, int inner) {

  static Sizes of(ConfigFields config) {
    int heads = config.positive("num_attention_heads");
    int hidden = config.positive("hidden_size");
    return of(config, config.positive("head_dim", Math.max(1, hidden / heads)));
  }

  /** Of a family whose head size has another default. */
  static Sizes of(ConfigFields config, int headSize) {
    int heads = config.positive("num_attention_heads");
    return new Sizes(
        config.positive("vocab_size"),
        config.positive("hidden_size"),
        config.positive("num_hidden_layers"),
        new Heads(heads, config.positive("num_key_value_heads", heads), headSize),
        config.positive("intermediate_size"));
  }
}
