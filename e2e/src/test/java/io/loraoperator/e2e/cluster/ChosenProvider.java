package io.loraoperator.e2e.cluster;

import io.loraoperator.e2e.cluster.choice.ClusterProviders;
import java.util.Map;

/** The provider of this test run's cluster, chosen once: when tests are selected, or run. */
final class ChosenProvider {
  static final ChosenProvider INSTANCE = new ChosenProvider(System.getenv());

  private final ClusterProvider provider;

  private ChosenProvider(Map<String, String> environment) {
    provider =
        ClusterProviders.of(environment)
            .choose("", environment.getOrDefault(ClusterExtension.NAME, ClusterSpec.DEFAULT_NAME));
    System.err.println("e2e: the cluster comes from provider " + provider.kind().id());
  }

  ClusterProvider get() {
    return provider;
  }
}
