package io.loraoperator.reporter;

import io.loraoperator.contract.PodPaths;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;

/**
 * What a reporter is told by its environment, read once at the start.
 *
 * @param target the object it reports to
 * @param run the run's number
 * @param attempt the attempt's number
 * @param apiServer the API server's address
 * @param credentials folder with {@code token} and {@code ca.crt}
 * @param progressFile what the trainer writes
 * @param minInterval shortest time between two ordinary reports
 * @param staleAfter how long the progress file may stay unchanged before that is reported
 * @param port of {@code /metrics} and {@code /healthz}; 0 takes a free one
 */
record ReporterConfig(
    Target target,
    int run,
    int attempt,
    URI apiServer,
    Path credentials,
    Path progressFile,
    Duration minInterval,
    Duration staleAfter,
    int port) {

  /** The object whose status is written; {@code uid} keeps a namesake from being written to. */
  record Target(String namespace, String name, String uid) {}

  private static final String CREDENTIALS = "/var/run/secrets/kubernetes.io/serviceaccount";
  private static final int PORT = 9464;
  private static final Duration MIN_INTERVAL = Duration.ofSeconds(5);
  private static final Duration STALE_AFTER = Duration.ofMinutes(10);

  /**
   * Reads the environment of a Pod; {@code LORA_CREDENTIALS}, {@code LORA_PROGRESS_FILE} and {@code
   * LORA_METRICS_PORT} are for runs outside of one.
   *
   * @throws IllegalArgumentException naming the variable that is missing or wrong
   */
  static ReporterConfig of(Map<String, String> environment) {
    String host = text(environment, "KUBERNETES_SERVICE_HOST");
    String authority = host.contains(":") ? "[" + host + "]" : host;
    return new ReporterConfig(
        new Target(
            text(environment, "LORA_NAMESPACE"),
            text(environment, "LORA_NAME"),
            text(environment, "LORA_UID")),
        number(environment, "LORA_RUN"),
        number(environment, "LORA_ATTEMPT"),
        URI.create(
            "https://%s:%d".formatted(authority, number(environment, "KUBERNETES_SERVICE_PORT"))),
        path(environment, "LORA_CREDENTIALS", CREDENTIALS),
        path(environment, "LORA_PROGRESS_FILE", PodPaths.PROGRESS_FILE),
        seconds(environment, "LORA_MIN_INTERVAL_SECONDS", MIN_INTERVAL),
        seconds(environment, "LORA_STALE_AFTER_SECONDS", STALE_AFTER),
        environment.containsKey("LORA_METRICS_PORT")
            ? number(environment, "LORA_METRICS_PORT")
            : PORT);
  }

  private static String text(Map<String, String> environment, String name) {
    String value = environment.get(name);
    if (value == null || value.isEmpty()) {
      throw new IllegalArgumentException(
          "environment variable "
              + name
              + " is not set; the operator sets it on the reporter's container");
    }
    return value;
  }

  private static int number(Map<String, String> environment, String name) {
    String value = text(environment, name);
    try {
      int number = Integer.parseInt(value);
      if (number > 0) {
        return number;
      }
    } catch (NumberFormatException e) {
      // Said below, as for a number that is not positive.
    }
    throw new IllegalArgumentException(
        "environment variable " + name + " is '" + value + "', not a whole number above 0");
  }

  private static Path path(Map<String, String> environment, String name, String otherwise) {
    return Path.of(environment.getOrDefault(name, otherwise));
  }

  private static Duration seconds(
      Map<String, String> environment, String name, Duration otherwise) {
    return environment.containsKey(name)
        ? Duration.ofSeconds(number(environment, name))
        : otherwise;
  }
}
