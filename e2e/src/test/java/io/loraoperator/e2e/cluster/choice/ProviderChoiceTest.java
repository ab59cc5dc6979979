package io.loraoperator.e2e.cluster.choice;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.loraoperator.e2e.cluster.ClusterException;
import io.loraoperator.e2e.cluster.ProviderKind;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ProviderChoiceTest {
  private static final String NO_ENGINE = "no Docker engine answers";

  @ParameterizedTest(name = "asked \"{0}\", running {1}, K3s lacks \"{2}\": {3}")
  @CsvSource({
    // asked, running, what K3s lacks, chosen, said
    "'',      ,      '',               K3S,     false",
    "'',      ,      no Docker engine, LOCAL,   true",
    "'',      ,      no image,         LOCAL,   true",
    "'',      LOCAL, '',               LOCAL,   false",
    "'',      LOCAL, no Docker engine, LOCAL,   false",
    "'',      K3S,   '',               K3S,     false",
    "local,   ,      '',               LOCAL,   false",
    "local,   K3S,   '',               LOCAL,   false",
    "local,   ,      no Docker engine, LOCAL,   false",
    "k3s,     ,      '',               K3S,     false",
    "k3s,     LOCAL, '',               K3S,     false",
    "current, ,      '',               CURRENT, false",
    "current, LOCAL, no Docker engine, CURRENT, false",
    "current, K3S,   '',               CURRENT, false",
  })
  void choice(
      String asked, ProviderKind running, String lacking, ProviderKind expected, boolean said) {
    ProviderChoice choice =
        ProviderChoice.of(
            asked,
            Optional.ofNullable(running),
            () -> Optional.of(lacking).filter(what -> !what.isEmpty()));

    assertThat(choice.kind()).isEqualTo(expected);
    assertThat(choice.message().isPresent()).isEqualTo(said);
    choice.message().ifPresent(message -> assertThat(message).contains(lacking, "local"));
  }

  @Test
  void k3sThatWasAskedForAndCannotRunIsAnErrorAndNotSilentlyAnother() {
    assertThatExceptionOfType(ClusterException.class)
        .isThrownBy(() -> ProviderChoice.of("k3s", Optional.empty(), () -> Optional.of(NO_ENGINE)))
        .withMessageContaining(NO_ENGINE)
        .withMessageContaining("--cluster local");
  }

  @Test
  void unknownNameIsRefusedWithThoseThereAre() {
    assertThatExceptionOfType(ClusterException.class)
        .isThrownBy(() -> ProviderChoice.of("kind", Optional.empty(), Optional::empty))
        .withMessageContaining("'kind'")
        .withMessageContaining("k3s, local, current");
  }

  @Test
  void dockerIsNotAskedWhereItDoesNotMatter() {
    for (String asked : new String[] {"local", "current"}) {
      ProviderChoice.of(asked, Optional.empty(), ProviderChoiceTest::mustNotBeAsked);
    }
    ProviderChoice.of("", Optional.of(ProviderKind.LOCAL), ProviderChoiceTest::mustNotBeAsked);
    ProviderChoice.of("k3s", Optional.of(ProviderKind.K3S), ProviderChoiceTest::mustNotBeAsked);
  }

  private static Optional<String> mustNotBeAsked() {
    throw new AssertionError("looked for a Docker engine");
  }
}
