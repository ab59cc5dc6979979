package io.loraoperator.api;

/** Patterns (RE2, as the API server matches them) and bounds that several fields share. */
public final class Schema {
  /** A decimal number without sign, such as {@code 0.05} or {@code 2e-4}. */
  public static final String DECIMAL = "^(0|[1-9][0-9]*)([.][0-9]+)?([eE][-+]?[0-9]{1,2})?$";

  /** Longest decimal; it also bounds what the rules that convert it may cost. */
  public static final int DECIMAL_LENGTH = 32;

  /** Name of an object in the cluster (RFC 1123 subdomain). */
  public static final String DNS_SUBDOMAIN =
      "^[a-z0-9]([-a-z0-9]*[a-z0-9])?([.][a-z0-9]([-a-z0-9]*[a-z0-9])?)*$";

  /** Name with an optional DNS prefix, such as {@code nvidia.com/gpu}. */
  public static final String QUALIFIED_NAME =
      "^([a-z0-9]([-a-z0-9.]*[a-z0-9])?/)?[A-Za-z0-9]([-A-Za-z0-9_.]*[A-Za-z0-9])?$";

  /** Amount of a resource, such as {@code 4}, {@code 500m} or {@code 16Gi}. */
  public static final String QUANTITY = "^[0-9]+([.][0-9]+)?(m|k|M|G|T|P|Ki|Mi|Gi|Ti|Pi)?$";

  /** Longest quantity. */
  public static final int QUANTITY_LENGTH = 32;

  /** Object or prefix in a bucket. */
  public static final String S3_URI = "^s3://[a-z0-9][a-z0-9.-]{1,61}[a-z0-9](/.*)?$";

  /** Address of a server. */
  public static final String HTTP_URL = "^https?://[A-Za-z0-9._:\\[\\]-]+(/.*)?$";

  /** Repository of the Hugging Face hub; the oldest models have no owner. */
  public static final String HUB_REPOSITORY =
      "^([A-Za-z0-9][A-Za-z0-9_.-]*/)?[A-Za-z0-9][A-Za-z0-9_.-]*$";

  /** Owner and name of a repository on the Hugging Face hub. */
  public static final String OWNED_HUB_REPOSITORY =
      "^[A-Za-z0-9][A-Za-z0-9_.-]*/[A-Za-z0-9][A-Za-z0-9_.-]*$";

  /** At least one character that is not white space. */
  public static final String NOT_BLANK = "[^\\s]";

  /**
   * Longest name of a LoraFineTune: with run and attempt numbers and the longest suffix it still
   * fits the 63 characters of a label value.
   */
  public static final int NAME_LENGTH = 45;

  private Schema() {}
}
