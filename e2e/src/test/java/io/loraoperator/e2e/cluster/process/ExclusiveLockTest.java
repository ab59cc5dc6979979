package io.loraoperator.e2e.cluster.process;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ExclusiveLockTest {
  @Test
  void secondThreadWaitsAndIsToldSo(@TempDir Path folder) throws Exception {
    Path file = folder.resolve("lock");
    CountDownLatch told = new CountDownLatch(1);
    try (var threads = Executors.newSingleThreadExecutor()) {
      Future<String> second;
      try (var _ = ExclusiveLock.acquire(file, () -> {})) {
        second =
            threads.submit(() -> {
              try (var _ = ExclusiveLock.acquire(file, told::countDown)) {
                return "acquired";
              }
            });
        assertThat(told.await(10, TimeUnit.SECONDS)).isTrue();
        assertThat(second.isDone()).isFalse();
      }
      assertThat(second.get(10, TimeUnit.SECONDS)).isEqualTo("acquired");
    }
  }
}
