package io.loraoperator.model;

import static io.loraoperator.model.BlockKernels.K;

import io.loraoperator.model.architecture.UnsupportedModelException;
import io.loraoperator.torch.DType;
import io.loraoperator.torch.HostTensor;
import io.loraoperator.torch.Tensor;
import io.loraoperator.torch.TensorScope;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * AdamW on a model's adapters, with {@code torch.optim.AdamW}'s semantics: decoupled weight decay
 * and bias correction; gradients are clipped by their global norm as {@code
 * torch.nn.utils.clip_grad_norm_} does.
 *
 * @see <a href="https://arxiv.org/abs/1711.05101">Loshchilov and Hutter, 2019</a>
 */
public final class AdamW implements AutoCloseable {

  private static final String STEP = "step";
  private static final String AVERAGE = ".exp_avg";
  private static final String SQUARE = ".exp_avg_sq";

  /** What {@code clip_grad_norm_} adds to the norm. */
  private static final double CLIP_EPSILON = 1e-6;

  private final AdamWConfig config;
  private final AdapterParameters parameters;
  private final Runnable refresh;
  private final TensorScope scope = new TensorScope();
  private final Tensor average;
  private final Tensor square;
  private final Tensor step;

  AdamW(AdamWConfig config, AdapterParameters parameters, Runnable refresh) {
    this.config = config;
    this.parameters = parameters;
    this.refresh = refresh;
    long elements = parameters.values().elements();
    average = scope.own(Tensor.zeros(DType.FLOAT32, elements));
    square = scope.own(Tensor.zeros(DType.FLOAT32, elements));
    step = scope.own(Tensor.zeros(DType.FLOAT32, 1));
  }

  /**
   * Updates the adapters with the accumulated gradients and clears those. If the gradients are not
   * finite nothing is updated: the adapters stay as they were.
   *
   * @param learningRate of this step
   * @param maxGradientNorm gradients of a larger global norm are scaled down to it; 0 for no
   *     clipping
   * @return the gradients' global norm before clipping; NaN or infinite means nothing was updated
   */
  public double step(double learningRate, double maxGradientNorm) {
    Tensor gradients = parameters.gradients();
    double norm = K.number("gradient_norm", parameters.gradientViews());
    if (Double.isFinite(norm)) {
      double factor = maxGradientNorm / (norm + CLIP_EPSILON);
      if (maxGradientNorm > 0 && factor < 1) {
        K.run("multiply_", gradients, factor);
      }
      K.run(
          "adamw_",
          List.of(parameters.values()),
          List.of(gradients),
          List.of(average),
          List.of(square),
          List.of(step),
          learningRate,
          config.beta1(),
          config.beta2(),
          config.epsilon(),
          config.weightDecay());
      refresh.run();
    }
    gradients.fillZero();
    return norm;
  }

  /**
   * Copies of the moments ({@code <parameter>.exp_avg}, {@code <parameter>.exp_avg_sq}) and of the
   * number of steps ({@code step}).
   */
  public Map<String, HostTensor> state() {
    Map<String, HostTensor> state = new LinkedHashMap<>();
    state.put(STEP, step.toHost());
    parameters.read(average).forEach((name, tensor) -> state.put(name + AVERAGE, tensor));
    parameters.read(square).forEach((name, tensor) -> state.put(name + SQUARE, tensor));
    return state;
  }

  /**
   * Overwrites the moments and the number of steps.
   *
   * @throws UnsupportedModelException if the state is not of these adapters
   */
  public void loadState(Map<String, HostTensor> state) {
    HostTensor steps = state.get(STEP);
    if (steps == null || steps.dtype() != DType.FLOAT32 || steps.elements() != 1) {
      throw new UnsupportedModelException("The optimizer's state has no float32 scalar 'step'.");
    }
    Map<String, HostTensor> averages = new LinkedHashMap<>();
    Map<String, HostTensor> squares = new LinkedHashMap<>();
    state.forEach((name, tensor) -> {
      if (name.endsWith(SQUARE)) {
        squares.put(name.substring(0, name.length() - SQUARE.length()), tensor);
      } else if (name.endsWith(AVERAGE)) {
        averages.put(name.substring(0, name.length() - AVERAGE.length()), tensor);
      } else if (!name.equals(STEP)) {
        throw new UnsupportedModelException(
            "The optimizer's state has an unknown tensor %s.".formatted(name));
      }
    });
    parameters.write(average, averages);
    parameters.write(square, squares);
    step.copyFrom(steps.data());
  }

  @Override
  public void close() {
    scope.close();
  }
}
