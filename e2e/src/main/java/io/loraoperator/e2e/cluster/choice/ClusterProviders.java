package io.loraoperator.e2e.cluster.choice;

import io.loraoperator.e2e.cluster.CacheDirectory;
import io.loraoperator.e2e.cluster.ClusterProvider;
import io.loraoperator.e2e.cluster.Progress;
import io.loraoperator.e2e.cluster.ProviderKind;
import io.loraoperator.e2e.cluster.binaries.ClientPrograms;
import io.loraoperator.e2e.cluster.binaries.GoBinaries;
import io.loraoperator.e2e.cluster.binaries.Prerequisites;
import io.loraoperator.e2e.cluster.current.CurrentClusterProvider;
import io.loraoperator.e2e.cluster.k3s.K3sClusterProvider;
import io.loraoperator.e2e.cluster.local.LocalClusterProvider;
import java.time.Clock;
import java.util.Map;
import java.util.Optional;

/**
 * The three providers, as an environment sets them up.
 *
 * @param environment the environment variables
 * @param install whether missing system packages are installed
 */
public record ClusterProviders(
    Map<String, String> environment, boolean install, Progress progress) {
  public ClusterProviders {
    environment = Map.copyOf(environment);
  }

  /** As the environment says, in words on standard error; packages are installed where CI is. */
  public static ClusterProviders of(Map<String, String> environment) {
    return new ClusterProviders(
        environment, "true".equals(environment.get("CI")), Progress.standardError());
  }

  /**
   * The provider for a cluster of that name, by {@link ProviderChoice}; says why where nobody
   * asked.
   *
   * @param asked the command line's; empty leaves it to {@value ProviderKind#VARIABLE}
   */
  public ClusterProvider choose(String asked, String name) {
    ProviderChoice choice = ProviderChoice.of(orVariable(asked), running(name), k3s()::lacking);
    choice.message().ifPresent(progress::step);
    return provider(choice.kind());
  }

  /** The same for a cluster that should be there already: nothing is tried out or pulled for it. */
  public ClusterProvider chosen(String asked, String name) {
    ProviderKind kind = running(name).orElse(ProviderKind.LOCAL);
    return provider(
        ProviderChoice.of(orVariable(asked), Optional.of(kind), Optional::empty).kind());
  }

  private String orVariable(String asked) {
    return asked.isEmpty() ? environment.getOrDefault(ProviderKind.VARIABLE, "") : asked;
  }

  private ClusterProvider provider(ProviderKind kind) {
    return switch (kind) {
      case K3S -> k3s();
      case LOCAL -> local();
      case CURRENT -> current();
    };
  }

  public LocalClusterProvider local() {
    return new LocalClusterProvider(
        cache(),
        Prerequisites.of(environment.getOrDefault("PATH", ""), install, progress),
        progress,
        Clock.systemUTC());
  }

  public K3sClusterProvider k3s() {
    return new K3sClusterProvider(cache(), environment, progress, Clock.systemUTC());
  }

  public GoBinaries binaries() {
    return new GoBinaries(cache().binaries(), progress);
  }

  private CurrentClusterProvider current() {
    return new CurrentClusterProvider(environment, new ClientPrograms(binaries(), environment));
  }

  private CacheDirectory cache() {
    return CacheDirectory.of(environment);
  }

  private Optional<ProviderKind> running(String name) {
    if (k3s().find(name).isPresent()) {
      return Optional.of(ProviderKind.K3S);
    }
    return local().find(name).map(_ -> ProviderKind.LOCAL);
  }
}
