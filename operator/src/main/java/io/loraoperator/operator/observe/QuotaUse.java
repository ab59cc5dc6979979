package io.loraoperator.operator.observe;

import java.util.Map;

/**
 * A ResourceQuota of the namespace.
 *
 * @param hard what it allows, by resource, such as {@code requests.nvidia.com/gpu}
 * @param used what is taken of it
 */
public record QuotaUse(String name, Map<String, String> hard, Map<String, String> used) {
  public QuotaUse {
    hard = Map.copyOf(hard);
    used = Map.copyOf(used);
  }
}
