package io.loraoperator.e2e.cluster;

import java.util.Arrays;
import java.util.Optional;
import org.junit.platform.engine.FilterResult;
import org.junit.platform.engine.TestDescriptor;
import org.junit.platform.engine.TestTag;
import org.junit.platform.launcher.PostDiscoveryFilter;

/**
 * Selects the tests that the chosen provider's clusters allow, by the tags of {@link Ability}. A
 * test that is not selected is not skipped either: with this provider there is nothing it could
 * show. JUnit finds this class as a service.
 */
public final class AbilityFilter implements PostDiscoveryFilter {
  @Override
  public FilterResult apply(TestDescriptor test) {
    Optional<Ability> lacking = lacking(test);
    if (lacking.isPresent() && test.getParent().flatMap(AbilityFilter::lacking).isEmpty()) {
      System.err.printf(
          "e2e: not with provider %s: %s, which %s%n",
          ChosenProvider.INSTANCE.get().kind().id(),
          test.getDisplayName(),
          lacking.get().tag().replace('-', ' '));
    }
    return FilterResult.includedIf(lacking.isEmpty());
  }

  private static Optional<Ability> lacking(TestDescriptor test) {
    return test.getTags().stream()
        .map(TestTag::getName)
        .filter(tag -> tag.startsWith("needs-"))
        .map(AbilityFilter::ability)
        .filter(ability -> !ChosenProvider.INSTANCE.get().abilities().contains(ability))
        .findFirst();
  }

  private static Ability ability(String tag) {
    return Arrays.stream(Ability.values())
        .filter(ability -> ability.tag().equals(tag))
        .findAny()
        .orElseThrow(() -> new IllegalArgumentException("No ability has the tag " + tag));
  }
}
