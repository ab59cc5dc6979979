package io.loraoperator.model.architecture;

import org.jspecify.annotations.Nullable;

/**
 * Causal attention.
 *
 * @param layer index of its keys and values in a cache
 * @param input queries, keys and values, in this order
 * @param rotary how queries and keys are turned; null if they are not
 * @param headNorms of each head's queries and keys, before they are turned; null without
 */
public record AttentionShape(
    int layer,
    Projection input,
    Projection output,
    Heads heads,
    Scores scores,
    @Nullable Rotary rotary,
    @Nullable HeadNorms headNorms)
    implements BranchShape {

  /**
   * How many heads of which size.
   *
   * @param queries query heads
   * @param keyValues key-value heads, a divisor of {@code queries}
   * @param size channels of one head; not always width / queries
   */
  public record Heads(int queries, int keyValues, int size) {

    /** As many key-value heads as query heads, which share the channels. */
    static Heads of(int count, int hidden) {
      return new Heads(count, count, hidden / count);
    }

    /** Checks what the numbers have to be to each other. */
    public Heads {
      if (queries % keyValues != 0) {
        throw new UnsupportedModelException(
            "num_attention_heads %d is no multiple of num_key_value_heads %d in the model's config."
                .formatted(queries, keyValues));
      }
    }

    /** Channels of all heads' results. */
    public int outputs() {
      return queries * size;
    }

    /** Channels of queries, keys and values together. */
    public int inputs() {
      return (queries + 2 * keyValues) * size;
    }
  }

  /**
   * What becomes of query-key products before the softmax.
   *
   * @param scale factor on them
   * @param softCap c in c tanh(scaled / c); 0 without
   * @param window how many tokens a query sees, its own included; 0 for all up to its own
   */
  public record Scores(double scale, double softCap, int window) {

    /** Divided by the root of the head size. */
    static Scores of(Heads heads) {
      return new Scores(1 / Math.sqrt(heads.size()), 0, 0);
    }

    Scores within(int tokens) {
      return new Scores(scale, softCap, tokens);
    }
  }

  /** Norms over the channels of one head. */
  public record HeadNorms(NormShape query, NormShape key) {}
}
