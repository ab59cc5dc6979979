package io.loraoperator.trainer.tracking;

import io.loraoperator.contract.FineTuneSpec;
import io.loraoperator.trainer.artifacts.LogEntry;
import io.loraoperator.trainer.artifacts.TrainingLog;
import java.io.IOException;
import java.time.Clock;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Reports a run to an MLflow server, on a thread of its own. While the server is away, lines wait
 * and are sent later; a later attempt goes on with the same MLflow run, found by where the results
 * lie, and leaves out the steps that the server has.
 */
public final class MlflowReports implements Tracker {

  private static final String DEFAULT_EXPERIMENT = "Default";
  private static final Duration FIRST_WAIT = Duration.ofSeconds(1);
  private static final Duration LONGEST_WAIT = Duration.ofSeconds(30);

  /** The end of a process waits no longer for a server that does not answer. */
  private static final Duration LAST_PATIENCE = Duration.ofSeconds(15);

  /** The grace period of a Pod is for its checkpoint. */
  private static final Duration KILLED_PATIENCE = Duration.ofSeconds(5);

  private final MlflowClient client;
  private final String experiment;
  private final FineTuneSpec spec;
  private final String output;
  private final TrainingLog log;
  private final Clock clock;
  private final Consumer<String> warn;
  private final Thread thread = Thread.ofPlatform().daemon().name("mlflow").unstarted(this::run);

  // Guarded by this.
  private List<LogEntry> lines = List.of();
  private @Nullable Ending ending;
  private boolean again;
  private boolean closing;

  // Of the thread alone.
  private String run = "";
  private Set<Integer> sent = new HashSet<>();
  private boolean warned;

  /**
   * Reports of a run; nothing is sent before it starts.
   *
   * @param output the address of the results
   * @param warn is told once that the server is away
   */
  public MlflowReports(
      FineTuneSpec.Mlflow asked,
      FineTuneSpec spec,
      String output,
      TrainingLog log,
      Clock clock,
      Consumer<String> warn) {
    this.client = new MlflowClient(asked.trackingUri());
    this.experiment = Objects.requireNonNullElse(asked.experiment(), DEFAULT_EXPERIMENT);
    this.spec = spec;
    this.output = output;
    this.log = log;
    this.clock = clock;
    this.warn = warn;
  }

  @Override
  public synchronized void start(boolean mayBeThere) {
    again = mayBeThere;
    lines = log.entries();
    log.follow(this::follow);
    thread.start();
  }

  private synchronized void follow(List<LogEntry> newest) {
    lines = newest;
    notifyAll();
  }

  @Override
  public synchronized void end(Ending how) {
    ending = how;
  }

  @Override
  public void close() {
    Duration patience;
    synchronized (this) {
      if (ending == null) {
        ending = Ending.FAILED;
      }
      patience = ending == Ending.KILLED ? KILLED_PATIENCE : LAST_PATIENCE;
      closing = true;
      notifyAll();
    }
    try {
      if (thread.isAlive()) {
        thread.join(patience);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    client.close();
  }

  private void run() {
    Duration wait = FIRST_WAIT;
    while (true) {
      boolean last = awaitWork();
      try {
        report(last);
        warned = false;
        wait = FIRST_WAIT;
        if (last) {
          return;
        }
      } catch (IOException | IllegalArgumentException e) {
        if (!warned) {
          warn.accept(
              "spec.tracking.mlflow: the server is not told yet, training goes on: " + problem(e));
        }
        warned = true;
        if (last || !pause(wait)) {
          return;
        }
        wait =
            wait.multipliedBy(2).compareTo(LONGEST_WAIT) > 0 ? LONGEST_WAIT : wait.multipliedBy(2);
      }
    }
  }

  /** Waits until there is something to say; returns whether it is the last. */
  private synchronized boolean awaitWork() {
    try {
      while (!closing && !run.isEmpty() && lines.stream().allMatch(this::isSent)) {
        wait();
      }
    } catch (InterruptedException e) {
      return true;
    }
    return closing;
  }

  private synchronized boolean pause(Duration wait) {
    long deadline = System.nanoTime() + wait.toNanos();
    try {
      while (!closing) {
        long left = (deadline - System.nanoTime()) / 1_000_000;
        if (left <= 0) {
          break;
        }
        wait(left);
      }
      return true;
    } catch (InterruptedException e) {
      return false;
    }
  }

  private boolean isSent(LogEntry line) {
    return sent.contains(line.step());
  }

  private void report(boolean last) throws IOException {
    if (run.isEmpty()) {
      run = begin();
    }
    List<LogEntry> news;
    synchronized (this) {
      news = lines.stream().filter(line -> !isSent(line)).toList();
    }
    if (!news.isEmpty()) {
      client.metrics(run, news);
      synchronized (this) {
        news.forEach(line -> sent.add(line.step()));
      }
    }
    if (last) {
      client.ended(run, Objects.requireNonNull(ending), clock.millis());
    }
  }

  private String begin() throws IOException {
    String filed = client.experiment(experiment);
    String known = again ? client.run(filed, output) : "";
    if (!known.isEmpty()) {
      client.running(known);
      sent = client.steps(known);
      return known;
    }
    String[] parts = output.replaceAll("/+$", "").split("/", -1);
    String name =
        String.join("/", List.of(parts).subList(Math.max(0, parts.length - 2), parts.length));
    String fresh = client.create(filed, name, output, clock.millis());
    client.parameters(fresh, parameters());
    return fresh;
  }

  private Map<String, String> parameters() {
    Map<String, String> parameters = new TreeMap<>();
    FineTuneSpec.Training training = spec.training();
    parameters.put("precision", spec.baseModel().precision().name());
    parameters.put("max_length", String.valueOf(spec.dataset().maxLength()));
    parameters.put("lora_rank", String.valueOf(spec.lora().rank()));
    parameters.put("lora_alpha", String.valueOf(spec.lora().alpha()));
    parameters.put("lora_dropout", spec.lora().dropout().toPlainString());
    parameters.put("learning_rate", training.learningRate().toPlainString());
    parameters.put("lr_scheduler_type", training.schedule().type().name());
    parameters.put("batch_size", String.valueOf(training.batchSize()));
    parameters.put(
        "gradient_accumulation_steps", String.valueOf(training.gradientAccumulationSteps()));
    parameters.put("max_grad_norm", training.maxGradientNorm().toPlainString());
    parameters.put("seed", String.valueOf(training.seed()));
    return parameters;
  }

  private static String problem(Exception e) {
    return e.getMessage() == null ? e.getClass().getSimpleName() : e.getMessage();
  }
}
