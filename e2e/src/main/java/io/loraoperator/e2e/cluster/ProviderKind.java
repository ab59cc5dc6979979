package io.loraoperator.e2e.cluster;

import java.util.Arrays;
import java.util.Locale;
import java.util.stream.Collectors;

/** Where a cluster comes from; {@code --cluster} and {@value #VARIABLE} name one. */
public enum ProviderKind {
  /** K3s in a container of a Docker engine, by Testcontainers. */
  K3S,
  /** Kubernetes built of its Go modules, in namespaces of this machine. */
  LOCAL,
  /** The cluster of the current kubeconfig. */
  CURRENT;

  public static final String VARIABLE = "LORA_OPERATOR_CLUSTER_PROVIDER";

  /** The name as the command line spells it. */
  public String id() {
    return name().toLowerCase(Locale.ROOT);
  }

  /**
   * The provider of that name.
   *
   * @throws ClusterException naming those there are
   */
  public static ProviderKind of(String id) {
    return Arrays.stream(values())
        .filter(kind -> kind.id().equals(id))
        .findAny()
        .orElseThrow(() ->
            new ClusterException(
                "No cluster provider '%s': --cluster and %s take %s."
                    .formatted(
                        id,
                        VARIABLE,
                        Arrays.stream(values())
                            .map(ProviderKind::id)
                            .collect(Collectors.joining(", ")))));
  }
}
