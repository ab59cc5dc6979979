package io.loraoperator.trainer.storage;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.loraoperator.trainer.storage.StorageException.Kind;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class RetryTest {

  private final List<Duration> waits = new ArrayList<>();
  private final Retry retry =
      new Retry(5, Duration.ofSeconds(1), Duration.ofSeconds(3), waits::add);

  @Test
  void waitsLongerEachTimeUpToALimit() {
    int[] calls = {0};
    String result =
        retry.call(() -> {
          if (++calls[0] < 5) {
            throw new StorageException(Kind.UNAVAILABLE, "away", null);
          }
          return "back";
        });
    assertThat(result).isEqualTo("back");
    assertThat(waits).extracting(Duration::toSeconds).containsExactly(1L, 2L, 3L, 3L);
  }

  @Test
  void givesUpAfterTheLastAttempt() {
    assertThatThrownBy(() -> fail(Kind.UNAVAILABLE)).hasMessage("away");
    assertThat(waits).hasSize(4);
  }

  @Test
  void doesNotRepeatWhatWillNotChange() {
    assertThatThrownBy(() -> fail(Kind.ACCESS_DENIED)).hasMessage("away");
    assertThatThrownBy(() -> fail(Kind.NOT_FOUND)).hasMessage("away");
    assertThat(waits).isEmpty();
  }

  private void fail(Kind kind) {
    String unused =
        retry.call(() -> {
          throw new StorageException(kind, "away", null);
        });
    assertThat(unused).isNull();
  }
}
