package io.loraoperator.model.architecture;

import java.util.Locale;

/** What stands between the linear maps of an MLP. */
public enum Activation {
  /** silu(gate) * up. */
  SWIGLU(true),
  /** gelu(gate) * up, with gelu's approximation by tanh. */
  GEGLU_TANH(true),
  /** max(x, 0). */
  RELU(false),
  /** x Phi(x), Phi the normal distribution. */
  GELU(false),
  /** The same, Phi approximated by tanh. */
  GELU_TANH(false);

  private final boolean gated;

  Activation(boolean gated) {
    this.gated = gated;
  }

  /** Whether it takes two inputs for each output. */
  public boolean gated() {
    return gated;
  }

  /** The name of its kernel; the backward pass's ends with {@code _backward}. */
  public String kernel() {
    return name().toLowerCase(Locale.ROOT);
  }

  /** The gated activation that a configuration names. */
  static Activation gated(ConfigFields config, String field, String absent) {
    String name = config.text(field, absent);
    return switch (name) {
      case "silu", "swish" -> SWIGLU;
      case "gelu_pytorch_tanh", "gelu_new", "gelu_fast" -> GEGLU_TANH;
      default -> throw config.unsupported(field, name, "silu and gelu_pytorch_tanh");
    };
  }

  /** The plain activation that a configuration names. */
  static Activation plain(ConfigFields config, String field, String absent) {
    String name = config.text(field, absent);
    return switch (name) {
      case "relu" -> RELU;
      case "gelu" -> GELU;
      case "gelu_new", "gelu_pytorch_tanh", "gelu_fast" -> GELU_TANH;
      default -> throw config.unsupported(field, name, "relu, gelu and gelu_new");
    };
  }
}
