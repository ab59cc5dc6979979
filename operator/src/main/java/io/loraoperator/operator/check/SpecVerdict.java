package io.loraoperator.operator.check;

import com.fasterxml.jackson.databind.JsonNode;
import io.loraoperator.contract.FineTuneSpec;
import io.loraoperator.contract.Reason;

/** Whether a specification can be carried out. */
public sealed interface SpecVerdict {

  /**
   * It can.
   *
   * @param tree the specification as it was applied
   * @param spec the same, typed and with defaults
   * @param specHash of the run's fields
   * @param attemptHash of the attempt's fields
   */
  record Accepted(JsonNode tree, FineTuneSpec spec, String specHash, String attemptHash)
      implements SpecVerdict {}

  /** It cannot, and the same again would not help. */
  record Rejected(Reason reason, String message) implements SpecVerdict {}
}
