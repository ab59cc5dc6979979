package io.loraoperator.operator.config;

import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithDefault;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/**
 * What the administrator sets, by properties or by environment variables such as {@code
 * LORA_OPERATOR_TRAINER_IMAGE}.
 */
@ConfigMapping(prefix = "lora-operator")
public interface OperatorConfig {

  /** Reference of the image that trains. */
  String trainerImage();

  /** Reference of the reporter's image. */
  String reporterImage();

  /** When nodes pull both: {@code Always}, {@code IfNotPresent} or {@code Never}. */
  @WithDefault("IfNotPresent")
  PullPolicy imagePullPolicy();

  /** Names of pull Secrets, which have to exist in the namespaces of the users. */
  Optional<List<String>> imagePullSecrets();

  /** How long an image may fail to be pulled before the run has failed. */
  @WithDefault("PT2M")
  Duration imagePullTimeout();

  /**
   * Storage endpoints that specifications may name, as {@code https://host:port}; unset for all.
   * {@code https://s3.amazonaws.com} stands for a specification without endpoint.
   */
  Optional<List<String>> allowedStorageEndpoints();

  /** Threads that the trainer computes with where {@code spec.resources.cpu} is unset. */
  @WithDefault("2")
  int defaultThreads();

  /** Size limit of the scratch volume where {@code spec.resources.ephemeralStorage} is unset. */
  @WithDefault("50Gi")
  String workSizeLimit();

  /** Memory of the reporter, as request and limit. */
  @WithDefault("128Mi")
  String reporterMemory();

  /** How one of several operators becomes the one that acts. */
  LeaderElection leaderElection();

  /** When nodes pull an image. */
  enum PullPolicy {
    Always,
    IfNotPresent,
    Never
  }

  /** How one of several operators becomes the one that acts. */
  interface LeaderElection {
    /** Name of the Lease. */
    @WithDefault("lora-operator")
    String leaseName();

    /** Namespace of the Lease; unset for that of the operator's own Pod. */
    Optional<String> leaseNamespace();
  }
}
