package io.loraoperator.e2e.run;

import io.fabric8.kubernetes.client.KubernetesClient;
import io.loraoperator.e2e.cluster.Cluster;
import io.loraoperator.e2e.cluster.ClusterExtension;
import io.loraoperator.e2e.install.ObjectStore;
import io.loraoperator.e2e.install.OperatorChart;
import io.loraoperator.e2e.install.ProjectImages;
import java.nio.file.Path;
import org.junit.jupiter.api.extension.BeforeAllCallback;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.ExtensionContext.Namespace;
import org.junit.jupiter.api.extension.ParameterContext;
import org.junit.jupiter.api.extension.ParameterResolver;

/**
 * Gives tests the operator of this checkout, installed once a test run from its chart and its
 * images on the cluster of {@link ClusterExtension}: a parameter of type {@link InstalledOperator}.
 */
final class OperatorExtension implements BeforeAllCallback, ParameterResolver {
  private static final Namespace NAMESPACE = Namespace.create(OperatorExtension.class);

  /** Tests run in the folder of their module. */
  static final Path CHECKOUT = Path.of("..").toAbsolutePath().normalize();

  @Override
  public void beforeAll(ExtensionContext context) {
    installed(context);
  }

  @Override
  public boolean supportsParameter(ParameterContext parameter, ExtensionContext context) {
    return parameter.getParameter().getType() == InstalledOperator.class;
  }

  @Override
  public Object resolveParameter(ParameterContext parameter, ExtensionContext context) {
    return installed(context);
  }

  private static InstalledOperator installed(ExtensionContext context) {
    return context
        .getRoot()
        .getStore(NAMESPACE)
        .computeIfAbsent(
            InstalledOperator.class,
            _ -> install(ClusterExtension.cluster(context), ClusterExtension.client(context)),
            InstalledOperator.class);
  }

  private static InstalledOperator install(Cluster cluster, KubernetesClient client) {
    ProjectImages images = ProjectImages.provide(cluster, CHECKOUT);
    InstalledOperator operator =
        new InstalledOperator(
            cluster,
            client,
            new OperatorChart(cluster, CHECKOUT),
            images,
            new ObjectStore(cluster.s3()));
    operator.install();
    Models.uploadTinyLlama(operator.store());
    return operator;
  }
}
