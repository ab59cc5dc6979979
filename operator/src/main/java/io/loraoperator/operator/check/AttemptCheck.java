package io.loraoperator.operator.check;

import java.util.Optional;

/**
 * One question about an attempt. Checks are asked in order; the first that knows an answer wins.
 */
@FunctionalInterface
public interface AttemptCheck {

  /** What the attempt has come to, as far as this check can tell. */
  Optional<Finding> examine(AttemptView attempt);
}
