package io.loraoperator.e2e.run;

import io.fabric8.kubernetes.client.informers.ResourceEventHandler;
import io.fabric8.kubernetes.client.informers.SharedIndexInformer;
import io.loraoperator.api.LoraFineTune;
import io.loraoperator.e2e.cluster.process.Await;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

/** Every state of an object that a watching user saw, in order. */
final class Sightings implements AutoCloseable {
  private final List<LoraFineTune> seen = new CopyOnWriteArrayList<>();
  private final SharedIndexInformer<LoraFineTune> informer;

  private Sightings(FineTune run) {
    // An informer watches again after the API server was away.
    informer =
        run.resource()
            .inform(
                new ResourceEventHandler<LoraFineTune>() {
                  @Override
                  public void onAdd(LoraFineTune object) {
                    seen.add(object);
                  }

                  @Override
                  public void onUpdate(LoraFineTune before, LoraFineTune object) {
                    seen.add(object);
                  }

                  @Override
                  public void onDelete(LoraFineTune object, boolean unknown) {
                    // Its states before are what is asked for.
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
   * The STATUS column's values up to the last one, without repetitions in a row. An informer may
   * lag behind others, so it waits for that one.
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
    informer.close();
  }
}
