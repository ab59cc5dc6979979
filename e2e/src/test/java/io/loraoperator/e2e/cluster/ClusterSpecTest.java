package io.loraoperator.e2e.cluster;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ClusterSpecTest {
  @ParameterizedTest
  @ValueSource(strings = {"local", "a", "ci-2", "abcdefghijabcdefghij"})
  void acceptsName(String name) {
    assertThat(ClusterSpec.ofName(name).name()).isEqualTo(name);
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "-a", "a-", "A", "2a", "a_b", "../x", "abcdefghijabcdefghijk"})
  void refusesNameThatIsNoLabel(String name) {
    assertThatExceptionOfType(ClusterException.class)
        .isThrownBy(() -> ClusterSpec.ofName(name))
        .withMessageStartingWith("Cluster name '" + name + "'");
  }

  @Test
  void refusesNegativeGpus() {
    assertThatExceptionOfType(ClusterException.class)
        .isThrownBy(() -> new ClusterSpec("local", -1))
        .withMessageContaining("-1");
  }

  @ParameterizedTest
  @CsvSource({
    "/a, /b, /home/u, /a/lora-operator",
    "'', /b, /home/u, /b/lora-operator",
    "'', '', /home/u, /home/u/.cache/lora-operator",
  })
  void cacheIsChosenByTheEnvironment(String own, String shared, String home, Path expected) {
    var environment = Map.of(CacheDirectory.VARIABLE, own, "XDG_CACHE_HOME", shared, "HOME", home);
    assertThat(CacheDirectory.of(environment).path()).isEqualTo(expected);
  }

  @Test
  void refusesCacheThatTheNodeCouldNotSee() {
    assertThatExceptionOfType(ClusterException.class)
        .isThrownBy(() -> CacheDirectory.of(Map.of(CacheDirectory.VARIABLE, "/run/user/1")))
        .withMessageContaining(CacheDirectory.VARIABLE);
  }

  @Test
  void s3EndpointKeepsItsSecretOutOfLogs() {
    assertThat(new S3Endpoint("http://h:1", "http://c:1", "r", "key", "hush").toString())
        .contains("http://h:1")
        .doesNotContain("hush");
  }
}
