package io.loraoperator.model.architecture;

import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Rotary positions: pairs of a head's channels are turned by position * frequency.
 *
 * @param channels how many of a head's channels are turned, the first ones; even
 * @param theta base of the frequencies theta^(-2 i / channels)
 * @param scaling what makes long sequences look short
 * @see <a href="https://arxiv.org/abs/2104.09864">Su et al., 2021</a>
 */
public record Rotary(int channels, double theta, Scaling scaling) {

  /** Checks the number of channels. */
  public Rotary {
    if (channels % 2 != 0 || channels == 0) {
      throw new UnsupportedModelException(
          "head_dim and partial_rotary_factor give %d channels to turn; rotary positions turn pairs."
              .formatted(channels));
    }
  }

  /** How frequencies differ from theirs. */
  public sealed interface Scaling {

    /** Not at all. */
    record None() implements Scaling {}

    /** All divided by a factor. */
    record Linear(double factor) implements Scaling {}

    /**
     * Those of a larger base, the larger the longer a row is than the original positions.
     *
     * @param original positions that the model was first trained for
     * @see <a href="https://arxiv.org/abs/2309.00071">Peng et al., 2023</a>, dynamic scaling of the
     *     NTK-aware interpolation
     */
    record Dynamic(double factor, int original) implements Scaling {}

    /**
     * Low ones divided by a factor, high ones kept, those between interpolated.
     *
     * @param low wavelengths beyond {@code original / low} are scaled
     * @param high wavelengths below {@code original / high} are kept
     * @param original positions that the model was first trained for
     */
    record Llama3(double factor, double low, double high, int original) implements Scaling {}

    /**
     * Each divided by a factor of its own, and queries and keys scaled.
     *
     * @param shortFactors for rows of up to {@code original} tokens, one a pair
     * @param longFactors for longer rows
     * @param attentionFactor on cosines and sines
     * @see <a href="https://arxiv.org/abs/2402.13753">Ding et al., 2024</a>
     */
    record LongRope(
        List<Double> shortFactors, List<Double> longFactors, int original, double attentionFactor)
        implements Scaling {}

    /**
     * High ones kept, low ones divided by a factor, those between a mixture of both, and queries
     * and keys scaled.
     *
     * @param low index of the pair up to which frequencies are kept
     * @param high index of the pair from which they are divided; above {@code low}
     * @param attentionFactor on cosines and sines
     * @see <a href="https://arxiv.org/abs/2309.00071">Peng et al., 2023</a>
     */
    record Yarn(double factor, double low, double high, double attentionFactor)
        implements Scaling {}
  }

  /** Whether the frequencies of all positions change when a row of so many tokens gets more. */
  public boolean changesBetween(int tokens, int more) {
    return switch (scaling) {
      case Scaling.LongRope longRope -> tokens <= longRope.original() && more > longRope.original();
      case Scaling.Dynamic dynamic -> more > dynamic.original();
      case Scaling.None _, Scaling.Linear _, Scaling.Llama3 _, Scaling.Yarn _ -> false;
    };
  }

  /** What dynamic scaling comes to for a row of so many tokens, more than the original ones. */
  public Rotary ofLongRow(Scaling.Dynamic dynamic, int tokens) {
    double stretch = dynamic.factor() * tokens / dynamic.original() - (dynamic.factor() - 1);
    return new Rotary(
        channels, theta * Math.pow(stretch, channels / (channels - 2.0)), new Scaling.None());
  }

  /** From {@code rope_parameters} (transformers 5) or the older top-level fields. */
  static Rotary of(ConfigFields config, int headSize, double theta, double partialFactor) {
    ConfigFields rope = config.object("rope_parameters");
    return of(
        config,
        rope != null ? rope : config.object("rope_scaling"),
        headSize,
        config.number("rope_theta", theta),
        config.number("partial_rotary_factor", partialFactor));
  }

  /** From one object of parameters; what it lacks is as given. */
  static Rotary of(
      ConfigFields config,
      @Nullable ConfigFields given,
      int headSize,
      double theta,
      double partialFactor) {
    ConfigFields rope = given == null ? new ConfigFields(Map.of()) : given;
    int channels = (int) (headSize * rope.number("partial_rotary_factor", partialFactor));
    double base = rope.number("rope_theta", theta);
    return new Rotary(channels, base, scaling(config, rope, channels, base));
  }

  private static Scaling scaling(
      ConfigFields config, ConfigFields rope, int channels, double theta) {
    String type = rope.text("rope_type", rope.text("type", "default"));
    return switch (type) {
      case "default" -> new Scaling.None();
      case "linear" -> new Scaling.Linear(rope.number("factor"));
      case "dynamic" ->
          new Scaling.Dynamic(rope.number("factor"), config.positive("max_position_embeddings"));
      case "llama3" ->
          new Scaling.Llama3(
              rope.number("factor"),
              rope.number("low_freq_factor"),
              rope.number("high_freq_factor"),
              original(config, rope));
      case "longrope", "su" -> longRope(config, rope, channels / 2);
      case "yarn" -> yarn(config, rope, channels, theta);
      default ->
          throw rope.unsupported(
              "rope_type", type, "default, linear, dynamic, llama3, longrope and yarn");
    };
  }

  private static Scaling longRope(ConfigFields config, ConfigFields rope, int pairs) {
    int original = original(config, rope);
    double factor =
        rope.number("factor", (double) config.positive("max_position_embeddings") / original);
    double standard = factor <= 1 ? 1 : Math.sqrt(1 + Math.log(factor) / Math.log(original));
    return new Scaling.LongRope(
        rope.numbers("short_factor", pairs),
        rope.numbers("long_factor", pairs),
        original,
        rope.number("attention_factor", standard));
  }

  private static Scaling yarn(ConfigFields config, ConfigFields rope, int channels, double theta) {
    int original = original(config, rope);
    double factor =
        rope.number("factor", (double) config.positive("max_position_embeddings") / original);
    double low = pairOf(rope.number("beta_fast", 32), channels, theta, original);
    double high = pairOf(rope.number("beta_slow", 1), channels, theta, original);
    if (rope.flag("truncate", true)) {
      low = Math.floor(low);
      high = Math.ceil(high);
    }
    low = Math.max(low, 0);
    high = Math.min(high, channels - 1.0);
    double standard =
        rope.number("mscale", 0) != 0 && rope.number("mscale_all_dim", 0) != 0
            ? magnitude(factor, rope.number("mscale"))
                / magnitude(factor, rope.number("mscale_all_dim"))
            : magnitude(factor, 1);
    return new Scaling.Yarn(
        factor, low, low == high ? high + 0.001 : high, rope.number("attention_factor", standard));
  }

  /** The pair that turns so many times in the original positions. */
  private static double pairOf(double turns, int channels, double theta, int original) {
    return channels * Math.log(original / (turns * 2 * Math.PI)) / (2 * Math.log(theta));
  }

  private static double magnitude(double factor, double scale) {
    return factor <= 1 ? 1 : 0.1 * scale * Math.log(factor) + 1;
  }

  private static int original(ConfigFields config, ConfigFields rope) {
    String field = "original_max_position_embeddings";
    return config.has(field)
        ? config.positive(field)
        : rope.positive(field, config.positive("max_position_embeddings", 2048));
  }
}
