package io.loraoperator.operator.check;

import io.loraoperator.contract.Reason;
import io.loraoperator.operator.observe.QuotaUse;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * A quota of the namespace refuses the Pod. The admission plug-in's words are the only place that
 * names the quota: {@code exceeded quota: gpus, requested: requests.nvidia.com/gpu=1, used:
 * requests.nvidia.com/gpu=4, limited: requests.nvidia.com/gpu=4}.
 */
final class QuotaCheck {

  private static final Pattern WORDS =
      Pattern.compile(
          "exceeded quota: (?<quota>[^,]+), requested: (?<requested>.+), used: (?<used>.+),"
              + " limited: (?<limited>.+)$");

  private static final String REQUESTS = "requests.";

  /** Figures come from a cache that triggers nothing: look again after this. */
  private static final Duration RECHECK = Duration.ofSeconds(30);

  private QuotaCheck() {}

  static Optional<Finding> exceeded(AttemptView attempt) {
    if (attempt.pod().isPresent()) {
      return Optional.empty();
    }
    return attempt
        .seen()
        .warning("FailedCreate")
        .flatMap(warning -> refusal(attempt, warning.message()));
  }

  private static Optional<Finding> refusal(AttemptView attempt, String words) {
    Matcher parts = WORDS.matcher(words.strip());
    if (!parts.find()) {
      return Optional.empty();
    }
    String name = parts.group("quota");
    Map<String, String> requested = figures(parts.group("requested"));
    Map<String, String> used = new TreeMap<>(figures(parts.group("used")));
    Map<String, String> limited = new TreeMap<>(figures(parts.group("limited")));
    newest(attempt.quotas(), name)
        .ifPresent(quota -> {
          used.replaceAll((resource, figure) -> quota.used().getOrDefault(resource, figure));
          limited.replaceAll((resource, figure) -> quota.hard().getOrDefault(resource, figure));
        });
    String gpus = REQUESTS + attempt.gpuResource();
    boolean isGpu = requested.containsKey(gpus);
    List<String> clauses = new ArrayList<>();
    requested.forEach((resource, wanted) ->
        clauses.add(
            "allows %s %s, %s used, %s asked for"
                .formatted(
                    figure(limited.get(resource)),
                    resource.equals(gpus) ? attempt.gpuResource() : resource,
                    figure(used.get(resource)),
                    wanted)));
    Reason reason = isGpu ? Reason.GpuQuotaExceeded : Reason.Queued;
    String message =
        Sentences.join(
            "waiting: quota \"%s\" %s".formatted(name, String.join("; ", clauses)),
            reason.remedy());
    return Optional.of(new Finding.Waiting(reason, message, RECHECK));
  }

  private static String figure(@Nullable String value) {
    return value == null ? "?" : value;
  }

  private static Optional<QuotaUse> newest(List<QuotaUse> quotas, String name) {
    return quotas.stream().filter(quota -> quota.name().equals(name)).findFirst();
  }

  /** {@code a=1,b=2} as a map. */
  private static Map<String, String> figures(String list) {
    Map<String, String> figures = new TreeMap<>();
    for (String entry : list.split(",", -1)) {
      int equals = entry.indexOf('=');
      if (equals > 0) {
        figures.put(entry.substring(0, equals).strip(), entry.substring(equals + 1).strip());
      }
    }
    return figures;
  }
}
