package io.loraoperator.operator.config;

import io.fabric8.kubernetes.client.Config;
import io.javaoperatorsdk.operator.api.config.LeaderElectionConfiguration;
import io.javaoperatorsdk.operator.api.config.LeaderElectionConfigurationBuilder;
import io.javaoperatorsdk.operator.api.monitoring.Metrics;
import io.javaoperatorsdk.operator.monitoring.micrometer.MicrometerMetricsV2;
import io.loraoperator.operator.check.SpecExaminer;
import io.loraoperator.operator.desired.PodSettings;
import io.loraoperator.operator.desired.ReporterContainer;
import io.loraoperator.operator.desired.RunPlanner;
import io.loraoperator.operator.desired.TrainerContainer;
import io.loraoperator.operator.observe.Observer;
import io.loraoperator.operator.status.StatusProjector;
import io.loraoperator.operator.telemetry.EventTags;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.config.MeterFilter;
import io.quarkus.kubernetes.client.KubernetesConfigCustomizer;
import jakarta.enterprise.inject.Produces;
import jakarta.inject.Singleton;
import java.time.Clock;
import java.util.List;
import org.eclipse.microprofile.config.inject.ConfigProperty;

/** Makes the pure parts, which know neither the container nor the configuration. */
@Singleton
public class OperatorBeans {

  /**
   * The client's own limit of 5 requests to one host would keep 50 reconciliations waiting for one
   * another; the API server has its own fairness.
   */
  private static final int CONCURRENT_REQUESTS = 64;

  @Produces
  @Singleton
  Clock clock() {
    return Clock.systemUTC();
  }

  @Produces
  @Singleton
  Observer observer() {
    return new Observer(TrainerContainer.NAME, ReporterContainer.NAME);
  }

  @Produces
  @Singleton
  SpecExaminer specExaminer(OperatorConfig config) {
    return new SpecExaminer(config.allowedStorageEndpoints().orElse(List.of()));
  }

  @Produces
  @Singleton
  RunPlanner runPlanner(OperatorConfig config) {
    return new RunPlanner(config.imagePullTimeout(), config.defaultThreads());
  }

  @Produces
  @Singleton
  StatusProjector statusProjector(
      Clock clock, @ConfigProperty(name = "quarkus.application.version") String version) {
    return new StatusProjector(clock, version);
  }

  @Produces
  @Singleton
  PodSettings podSettings(OperatorConfig config) {
    return new PodSettings(
        config.trainerImage(),
        config.reporterImage(),
        config.imagePullPolicy().name(),
        config.imagePullSecrets().orElse(List.of()),
        config.workSizeLimit(),
        config.reporterMemory());
  }

  @Produces
  @Singleton
  LeaderElectionConfiguration leaderElection(OperatorConfig config) {
    var builder =
        LeaderElectionConfigurationBuilder.aLeaderElectionConfiguration(
            config.leaderElection().leaseName());
    config.leaderElection().leaseNamespace().ifPresent(builder::withLeaseNamespace);
    return builder.build();
  }

  /** The extension's own is made before there is a registry, and measures nothing. */
  @Produces
  @Singleton
  Metrics reconciliationMetrics(MeterRegistry registry) {
    return MicrometerMetricsV2.newBuilder(registry).build();
  }

  @Produces
  @Singleton
  MeterFilter eventTags() {
    return new EventTags();
  }

  @Produces
  @Singleton
  KubernetesConfigCustomizer clientConcurrency() {
    return (Config config) -> {
      config.setMaxConcurrentRequests(CONCURRENT_REQUESTS);
      config.setMaxConcurrentRequestsPerHost(CONCURRENT_REQUESTS);
    };
  }
}
