package io.loraoperator.image;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LayerCacheTest {
  private static final Component COMPONENT =
      new Component("zlib1g", null, "1.2", "pkg:deb/debian/zlib1g@1.2", null);

  @TempDir private Path folder;
  private final AtomicInteger made = new AtomicInteger();

  @Test
  void makesALayerOncePerKey() throws Exception {
    Layer first = layer("key");
    Layer second = layer("key");
    Layer other = layer("other key");

    assertThat(second).isEqualTo(first);
    assertThat(second.components()).containsExactly(COMPONENT);
    assertThat(other.file()).isNotEqualTo(first.file());
    assertThat(made).hasValue(2);
  }

  @Test
  void leavesNothingBehindWhenALayerCannotBeMade() throws Exception {
    LayerCache cache = new LayerCache(folder);

    assertThatThrownBy(() ->
            cache.layer(
                "test",
                "key",
                () -> {
                  throw new IOException("disk full");
                }))
        .hasMessage("disk full");
    try (Stream<Path> files = Files.list(folder)) {
      assertThat(files).isEmpty();
    }
  }

  @Test
  void refusesAFileThatWasTruncated() throws Exception {
    Layer layer = layer("key");
    Files.write(layer.file(), new byte[] {1, 2, 3});

    assertThatThrownBy(() -> layer("key"))
        .isInstanceOf(IOException.class)
        .hasMessageContaining(layer.file().toString())
        .hasMessageContaining("delete it");
  }

  private Layer layer(String key) throws Exception {
    return new LayerCache(folder)
        .layer(
            "test",
            key,
            () -> {
              made.incrementAndGet();
              return new LayerCache.Content(new FileTree().text("key", key), List.of(COMPONENT));
            });
  }
}
