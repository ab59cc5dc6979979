package io.loraoperator.trainer;

import java.util.Objects;

/** This release. */
public final class Version {

  private Version() {}

  /** The version in the jar's manifest, or {@code development} where there is no jar. */
  public static String current() {
    return Objects.requireNonNullElse(
        Version.class.getPackage().getImplementationVersion(), "development");
  }
}
