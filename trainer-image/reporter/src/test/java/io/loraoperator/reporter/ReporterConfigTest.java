package io.loraoperator.reporter;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ReporterConfigTest {
  private static final Map<String, String> POD =
      Map.of(
          "KUBERNETES_SERVICE_HOST", "10.0.0.1",
          "KUBERNETES_SERVICE_PORT", "443",
          "LORA_NAMESPACE", "team-a",
          "LORA_NAME", "helper",
          "LORA_UID", "u",
          "LORA_RUN", "2",
          "LORA_ATTEMPT", "1");

  @Test
  void readsAPodsEnvironment() {
    ReporterConfig config = ReporterConfig.of(POD);

    assertThat(config.apiServer()).isEqualTo(URI.create("https://10.0.0.1:443"));
    assertThat(config.target()).isEqualTo(new ReporterConfig.Target("team-a", "helper", "u"));
    assertThat(config.run()).isEqualTo(2);
    assertThat(config.progressFile()).isEqualTo(Path.of("/var/run/lora/progress/progress.json"));
    assertThat(config.minInterval()).isEqualTo(Duration.ofSeconds(5));
    assertThat(config.port()).isEqualTo(9464);
  }

  @ParameterizedTest
  @CsvSource({
    "KUBERNETES_SERVICE_HOST, ''",
    "LORA_UID, ''",
    "LORA_RUN, zero",
    "LORA_RUN, 0",
    "LORA_ATTEMPT, -1",
    "LORA_STALE_AFTER_SECONDS, 1.5"
  })
  void namesTheVariableThatIsWrong(String name, String value) {
    Map<String, String> environment = new HashMap<>(POD);
    environment.put(name, value);

    assertThatThrownBy(() -> ReporterConfig.of(environment))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining(name);
  }

  @Test
  void bracketsAnIpv6Address() {
    Map<String, String> environment = new HashMap<>(POD);
    environment.put("KUBERNETES_SERVICE_HOST", "fd00::1");

    assertThat(ReporterConfig.of(environment).apiServer())
        .isEqualTo(URI.create("https://[fd00::1]:443"));
  }
}
