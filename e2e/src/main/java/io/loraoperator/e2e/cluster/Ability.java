package io.loraoperator.e2e.cluster;

/**
 * What not every provider's clusters allow. Tests that need one carry its tag and are selected only
 * where the chosen provider has it.
 */
public enum Ability {
  /** Programs of the node stop and start one by one: {@link Cluster#stopComponent}. */
  COMPONENTS("needs-components"),
  /** Processes of Pods are processes of this machine, in its {@code /proc}. */
  PROCESSES("needs-processes"),
  /** Clusters come and go as Linux namespaces of this machine. */
  NAMESPACES("needs-namespaces"),
  /** Clusters come and go as containers of a Docker engine. */
  CONTAINERS("needs-containers");

  private final String tag;

  Ability(String tag) {
    this.tag = tag;
  }

  /** The JUnit tag of tests that need it. */
  public String tag() {
    return tag;
  }
}
