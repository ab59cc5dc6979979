package io.loraoperator.e2e.cluster;

import java.util.Optional;
import java.util.Set;

/** One way to get a cluster. */
public interface ClusterProvider {
  /** Which one it is. */
  ProviderKind kind();

  /** What its clusters allow. */
  Set<Ability> abilities();

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
   * @throws ClusterException if it is not ours to take down
   */
  void down(String name, boolean keepLogs);
}
