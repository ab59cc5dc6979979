package io.loraoperator.model;

import static io.loraoperator.model.BlockKernels.K;

import io.loraoperator.model.architecture.UnsupportedModelException;
import io.loraoperator.torch.DType;
import io.loraoperator.torch.HostTensor;
import io.loraoperator.torch.Tensor;
import io.loraoperator.torch.TensorScope;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/**
 * AdamW on a model's adapters, with {@code torch.optim.AdamW}'s semantics: decoupled weight decay
 * and bias correction; gradients are clipped by their global norm as {@code
 * torch.nn.utils.clip_grad_norm_} does. Biases do not decay, as in transformers' Trainer.
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
  private final List<Group> groups = new ArrayList<>();

  /** A range of the flat tensors that decays alike, and the number of its steps. */
  private record Group(
      Tensor values, Tensor gradients, Tensor average, Tensor square, Tensor step, double decay) {}

  AdamW(AdamWConfig config, AdapterParameters parameters, Runnable refresh) {
    this.config = config;
    this.parameters = parameters;
    this.refresh = refresh;
    long elements = parameters.values().elements();
    average = scope.own(Tensor.zeros(DType.FLOAT32, elements));
    square = scope.own(Tensor.zeros(DType.FLOAT32, elements));
    addGroup(0, parameters.layout().decayed(), config.weightDecay());
    if (parameters.layout().decayed() < elements) {
      addGroup(parameters.layout().decayed(), elements, 0);
    }
  }

  private void addGroup(long start, long end, double decay) {
    List<Tensor> views =
        Stream.of(parameters.values(), parameters.gradients(), average, square)
            .map(flat -> K.tensor(scope, "vector_view", flat, start, end - start))
            .toList();
    Tensor step = scope.own(Tensor.zeros(DType.FLOAT32, 1));
    groups.add(new Group(views.get(0), views.get(1), views.get(2), views.get(3), step, decay));
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
      for (Group group : groups) {
        K.run(
            "adamw_",
            List.of(group.values()),
            List.of(group.gradients()),
            List.of(group.average()),
            List.of(group.square()),
            List.of(group.step()),
            learningRate,
            config.beta1(),
            config.beta2(),
            config.epsilon(),
            group.decay());
      }
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
    state.put(STEP, groups.getFirst().step().toHost());
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
    groups.forEach(group -> group.step().copyFrom(steps.data()));
  }

  @Override
  public void close() {
    scope.close();
  }
}
