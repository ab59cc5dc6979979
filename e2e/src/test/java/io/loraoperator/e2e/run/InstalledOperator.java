package io.loraoperator.e2e.run;

import io.fabric8.kubernetes.client.KubernetesClient;
import io.loraoperator.e2e.cluster.Cluster;
import io.loraoperator.e2e.install.ObjectStore;
import io.loraoperator.e2e.install.OperatorChart;
import io.loraoperator.e2e.install.ProjectImages;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * The operator of this checkout at work in a cluster.
 *
 * @param client an administrator's
 * @param store the cluster's object store as this machine reaches it
 */
record InstalledOperator(
    Cluster cluster,
    KubernetesClient client,
    OperatorChart chart,
    ProjectImages images,
    ObjectStore store) {
  /** How long an image may fail to be pulled: tests need not wait for registries to come back. */
  private static final String IMAGE_PULL_TIMEOUT_SECONDS = "10";

  /** An endpoint that runs may name and where nothing listens. */
  static final String DEAD_ENDPOINT = "http://127.0.0.1:9";

  /** Where examples name models; nothing is downloaded from there. */
  private static final String HUB = "https://huggingface.co";

  /** Installs the chart as every scenario expects it, or puts it right again. */
  void install() {
    chart.install(values());
  }

  /** The same with another trainer image. */
  void installWithTrainer(String image) {
    Map<String, String> values = values();
    values.put("images.trainer", image);
    chart.install(values);
  }

  private Map<String, String> values() {
    Map<String, String> values = new LinkedHashMap<>(images.chartValues());
    values.put("allowedStorageEndpoints[0]", cluster.s3().clusterUrl());
    values.put("allowedStorageEndpoints[1]", DEAD_ENDPOINT);
    values.put("allowedStorageEndpoints[2]", HUB);
    // Several runs share two cores here: more threads would only wait for each other.
    values.put("runs.defaultThreads", "1");
    values.put("runs.imagePullTimeoutSeconds", IMAGE_PULL_TIMEOUT_SECONDS);
    return values;
  }
}
