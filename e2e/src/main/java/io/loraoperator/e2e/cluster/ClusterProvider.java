package io.loraoperator.e2e.cluster;

import java.util.Optional;

/** One way to get a cluster. */
public interface ClusterProvider {
  /** The provider's name as the command line spells it. */
  String id();

  /**
   * Brings the cluster up, or attaches to the running one of that name.
   *
   * @throws ClusterException with the failing program's last words; nothing is left running then
   */
  Cluster up(ClusterSpec spec);

  /** The running cluster of that name, if there is one. */
  Optional<Cluster> find(String name);

  /**
   * Takes the cluster down and leaves nothing of it; does nothing if there is none.
   *
   * @param keepLogs leaves the programs' logs where they are
   */
  void down(String name, boolean keepLogs);
}
