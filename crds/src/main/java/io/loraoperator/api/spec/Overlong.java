package io.loraoperator.api.spec;

import com.fasterxml.jackson.annotation.JsonProperty;

/** What happens to a row that is too long. */
public enum Overlong {
  /** Its end is cut off, and it is counted. */
  @JsonProperty("Truncate")
  TRUNCATE,

  /** It is left out, and it is counted. */
  @JsonProperty("Drop")
  DROP,

  /** The run fails with DatasetInvalid. */
  @JsonProperty("Fail")
  FAIL
}
