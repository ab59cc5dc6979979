package io.loraoperator.e2e.quickstart;

import io.loraoperator.e2e.cluster.CacheDirectory;
import io.loraoperator.e2e.cluster.Cluster;
import io.loraoperator.e2e.cluster.ClusterException;
import io.loraoperator.e2e.cluster.Progress;
import io.loraoperator.e2e.cluster.S3Endpoint;
import io.loraoperator.e2e.cluster.binaries.Prerequisites;
import io.loraoperator.e2e.cluster.existing.ExistingCluster;
import io.loraoperator.e2e.cluster.local.LocalClusterProvider;
import java.nio.file.Path;
import java.time.Clock;
import java.util.Map;

/** Where the quickstart's cluster comes from. */
final class Clusters {
  private static final String DEFAULT_REGION = "us-east-1";

  private Clusters() {}

  static LocalClusterProvider local(Map<String, String> environment) {
    Progress progress = Progress.standardError();
    boolean install = "true".equals(environment.get("CI"));
    return new LocalClusterProvider(
        CacheDirectory.of(environment),
        Prerequisites.of(environment.getOrDefault("PATH", ""), install, progress),
        progress,
        Clock.systemUTC());
  }

  static Cluster existing(Path kubeconfig, String s3Url, Map<String, String> environment) {
    S3Endpoint s3 =
        new S3Endpoint(
            s3Url,
            s3Url,
            environment.getOrDefault("AWS_REGION", DEFAULT_REGION),
            required(environment, "AWS_ACCESS_KEY_ID"),
            required(environment, "AWS_SECRET_ACCESS_KEY"));
    return new ExistingCluster(kubeconfig, s3, environment);
  }

  private static String required(Map<String, String> environment, String variable) {
    String value = environment.getOrDefault(variable, "");
    if (value.isEmpty()) {
      throw new ClusterException("Set " + variable + ": the S3 service needs it.");
    }
    return value;
  }
}
