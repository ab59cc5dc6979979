package io.loraoperator.operator.observe;

import java.util.Collections;
import java.util.Comparator;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * One attempt of one run of one {@code LoraFineTune}. Every name of a child follows from it, so
 * that a repeated creation meets the same object.
 *
 * @param namespace of the {@code LoraFineTune} and of its children
 * @param name of the {@code LoraFineTune}
 * @param run number of the run, from 1
 * @param attempt number of the attempt within the run, from 1
 */
public record AttemptKey(String namespace, String name, int run, int attempt)
    implements Comparable<AttemptKey> {

  /** Says that a child is the operator's. */
  public static final String MANAGED_BY = "app.kubernetes.io/managed-by";

  /** Value of {@link #MANAGED_BY}. */
  public static final String MANAGER = "lora-operator";

  /** Selects the children of all runs. */
  public static final String SELECTOR = MANAGED_BY + "=" + MANAGER;

  /** Name of the {@code LoraFineTune} that a child belongs to. */
  public static final String NAME_LABEL = "finetune.loraoperator.io/name";

  /** Number of the run. */
  public static final String RUN_LABEL = "finetune.loraoperator.io/run";

  /** Number of the attempt. */
  public static final String ATTEMPT_LABEL = "finetune.loraoperator.io/attempt";

  /**
   * Uid of the {@code LoraFineTune}: another one may take the name while old children are going.
   */
  public static final String UID_LABEL = "finetune.loraoperator.io/uid";

  /** A Job's name, or a Pod's with the Job controller's suffix. */
  private static final Pattern CHILD = Pattern.compile("(.+)-(\\d{1,9})-(\\d{1,9})(-[a-z0-9]{5})?");

  private static final Comparator<AttemptKey> ORDER =
      Comparator.comparing(AttemptKey::namespace)
          .thenComparing(AttemptKey::name)
          .thenComparingInt(AttemptKey::run)
          .thenComparingInt(AttemptKey::attempt);

  /** Name of the Job and of the ConfigMap. */
  public String jobName() {
    return "%s-%d-%d".formatted(name, run, attempt);
  }

  /** Name of the reporter's ServiceAccount, Role and RoleBinding. */
  public String reporterName() {
    return jobName() + "-reporter";
  }

  /**
   * Labels of every child.
   *
   * @param uid of the {@code LoraFineTune}
   */
  public Map<String, String> labels(String uid) {
    Map<String, String> labels = new TreeMap<>();
    labels.put(MANAGED_BY, MANAGER);
    labels.put(UID_LABEL, uid);
    labels.put(NAME_LABEL, name);
    labels.put(RUN_LABEL, Integer.toString(run));
    labels.put(ATTEMPT_LABEL, Integer.toString(attempt));
    return Collections.unmodifiableMap(labels);
  }

  /** The attempt that a child's labels name; empty if they name none. */
  public static Optional<AttemptKey> ofLabels(String namespace, Map<String, String> labels) {
    String name = labels.get(NAME_LABEL);
    String run = labels.get(RUN_LABEL);
    String attempt = labels.get(ATTEMPT_LABEL);
    if (name == null || run == null || attempt == null) {
      return Optional.empty();
    }
    try {
      return Optional.of(
          new AttemptKey(namespace, name, Integer.parseInt(run), Integer.parseInt(attempt)));
    } catch (NumberFormatException e) {
      return Optional.empty();
    }
  }

  /**
   * The attempt that the name of a Job or of a Pod would belong to. Events carry no labels, only
   * names; whether such an attempt exists is for the caller to look up.
   */
  public static Optional<AttemptKey> ofChildName(String namespace, String childName) {
    Matcher parts = CHILD.matcher(childName);
    return parts.matches()
        ? Optional.of(
            new AttemptKey(
                namespace,
                parts.group(1),
                Integer.parseInt(parts.group(2)),
                Integer.parseInt(parts.group(3))))
        : Optional.empty();
  }

  @Override
  public int compareTo(AttemptKey other) {
    return ORDER.compare(this, other);
  }
}
