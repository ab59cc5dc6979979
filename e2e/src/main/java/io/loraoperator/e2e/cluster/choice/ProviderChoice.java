package io.loraoperator.e2e.cluster.choice;

import io.loraoperator.e2e.cluster.ClusterException;
import io.loraoperator.e2e.cluster.ProviderKind;
import java.util.Optional;
import java.util.function.Supplier;

/**
 * Which provider serves a cluster.
 *
 * @param message what to tell about it, where nobody asked for this one and another is missing
 */
public record ProviderChoice(ProviderKind kind, Optional<String> message) {
  /**
   * The provider that was asked for; else the one whose cluster runs already; else K3s where it can
   * run; else the local one.
   *
   * @param asked the provider's name by option or environment variable; empty if nobody asked
   * @param running whose cluster of that name runs, if any
   * @param k3sLacks what keeps this machine from running K3s, if anything; asked only if it matters
   * @throws ClusterException if the name is unknown, or K3s was asked for and cannot run
   */
  public static ProviderChoice of(
      String asked, Optional<ProviderKind> running, Supplier<Optional<String>> k3sLacks) {
    if (!asked.isEmpty()) {
      ProviderKind kind = ProviderKind.of(asked);
      if (kind == ProviderKind.K3S && running.filter(kind::equals).isEmpty()) {
        k3sLacks
            .get()
            .ifPresent(what -> {
              throw new ClusterException(
                  "K3s was asked for and cannot run here: %s. `--cluster local` needs no Docker."
                      .formatted(what));
            });
      }
      return new ProviderChoice(kind, Optional.empty());
    }
    if (running.isPresent()) {
      return new ProviderChoice(running.get(), Optional.empty());
    }
    return k3sLacks
        .get()
        .map(what ->
            new ProviderChoice(
                ProviderKind.LOCAL,
                Optional.of(
                    "no K3s here: %s; using Kubernetes in namespaces of this machine (local)"
                        .formatted(what))))
        .orElseGet(() -> new ProviderChoice(ProviderKind.K3S, Optional.empty()));
  }
}
