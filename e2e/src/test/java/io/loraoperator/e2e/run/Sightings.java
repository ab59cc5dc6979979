package io.loraoperator.e2e.run;

import io.fabric8.kubernetes.client.Watch;
import io.fabric8.kubernetes.client.Watcher;
import io.fabric8.kubernetes.client.WatcherException;
import io.loraoperator.api.LoraFineTune;
import io.loraoperator.e2e.cluster.process.Await;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.jspecify.annotations.Nullable;

/** Every state of an object that a watching user saw, in order. */
final class Sightings implements AutoCloseable {
  private final List<LoraFineTune> seen = new CopyOnWriteArrayList<>();
  private final Watch watch;

  private Sightings(FineTune run) {
    watch =
        run.resource()
            .watch(
                new Watcher<LoraFineTune>() {
                  @Override
                  public void eventReceived(Action action, LoraFineTune object) {
                    if (action != Action.DELETED) {
                      seen.add(object);
                    }
                  }

                  @Override
                  public void onClose(@Nullable WatcherException cause) {
                    // What was seen until then is what there is.
                  }
                });
  }

  static Sightings of(FineTune run) {
    return new Sightings(run);
  }

  List<LoraFineTune> all() {
    return List.copyOf(seen);
  }

  /**
   * The STATUS column's values up to the last one, without repetitions in a row. A watch may lag
   * behind others, so it waits for that one.
   */
  List<String> statusesUntil(String last) {
    Await.until(
        FineTune.PATIENCE,
        () -> statuses().contains(last),
        () -> "never saw %s, only %s".formatted(last, statuses()));
    return statuses();
  }

  private List<String> statuses() {
    List<String> statuses = new ArrayList<>();
    for (LoraFineTune object : seen) {
      String status = FineTune.status(object);
      if (!status.isEmpty() && (statuses.isEmpty() || !statuses.getLast().equals(status))) {
        statuses.add(status);
      }
    }
    return List.copyOf(statuses);
  }

  @Override
  public void close() {
    watch.close();
  }
}
