package io.loraoperator.e2e.cluster;

import io.fabric8.kubernetes.client.KubernetesClient;
import java.util.Map;
import org.junit.jupiter.api.extension.BeforeAllCallback;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.ExtensionContext.Namespace;
import org.junit.jupiter.api.extension.ParameterContext;
import org.junit.jupiter.api.extension.ParameterResolver;

/**
 * Gives tests one running cluster for the whole test run:
 * {@code @ExtendWith(ClusterExtension.class)} and a parameter of type {@link Cluster} or {@link
 * KubernetesClient} (an administrator's, shared by all tests, not to be closed).
 *
 * <p>A cluster that ran before is used and left running. One that was started here is brought down
 * after the last test, unless {@value #KEEP} is 1. {@value #NAME} chooses the cluster's name, so
 * that runs side by side do not meet, and {@value ProviderKind#VARIABLE} the provider.
 */
public final class ClusterExtension implements BeforeAllCallback, ParameterResolver {
  static final String KEEP = "LORA_OPERATOR_KEEP_CLUSTER";
  static final String NAME = "LORA_OPERATOR_CLUSTER";

  private static final Namespace NAMESPACE = Namespace.create(ClusterExtension.class);

  @Override
  public void beforeAll(ExtensionContext context) {
    shared(context);
  }

  @Override
  public boolean supportsParameter(ParameterContext parameter, ExtensionContext context) {
    Class<?> type = parameter.getParameter().getType();
    return type == Cluster.class || type == KubernetesClient.class;
  }

  @Override
  public Object resolveParameter(ParameterContext parameter, ExtensionContext context) {
    SharedCluster shared = shared(context);
    return parameter.getParameter().getType() == Cluster.class ? shared.cluster : shared.client;
  }

  /** The test run's cluster, for extensions that put something on it. */
  public static Cluster cluster(ExtensionContext context) {
    return shared(context).cluster;
  }

  /** The administrator's client of all tests. */
  public static KubernetesClient client(ExtensionContext context) {
    return shared(context).client;
  }

  /** The root context's store is closed after the last test of the run. */
  private static SharedCluster shared(ExtensionContext context) {
    return context
        .getRoot()
        .getStore(NAMESPACE)
        .computeIfAbsent(
            SharedCluster.class, _ -> new SharedCluster(System.getenv()), SharedCluster.class);
  }

  private static final class SharedCluster implements AutoCloseable {
    private final ClusterProvider provider;
    private final boolean ours;
    private final Cluster cluster;
    private final KubernetesClient client;

    SharedCluster(Map<String, String> environment) {
      String name = environment.getOrDefault(NAME, ClusterSpec.DEFAULT_NAME);
      provider = ChosenProvider.INSTANCE.get();
      boolean keep = "1".equals(environment.get(KEEP));
      ours = provider.find(name).isEmpty() && !keep;
      cluster = provider.up(ClusterSpec.ofName(name));
      client = cluster.client();
    }

    @Override
    public void close() {
      client.close();
      if (ours) {
        provider.down(cluster.name(), false);
      }
    }
  }
}
