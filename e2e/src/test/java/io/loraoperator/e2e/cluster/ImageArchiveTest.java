package io.loraoperator.e2e.cluster;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.loraoperator.e2e.image.OciLayout;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ImageArchiveTest {
  @TempDir private Path folder;

  @Test
  void namesWhatTheLayoutHoldsAndSameContentsGiveSameBytes() throws Exception {
    Path first = write("one.tar", "localhost/test/image:1");
    Path second = write("two.tar", "localhost/test/image:1");

    assertThat(ImageArchive.references(first)).containsExactly("localhost/test/image:1");
    assertThat(first).hasSameBinaryContentAs(second);
  }

  @Test
  void refusesImageWithoutFullName() {
    assertThatExceptionOfType(ClusterException.class)
        .isThrownBy(() -> ImageArchive.references(write("short.tar", "latest")))
        .withMessageContaining("short.tar")
        .withMessageContaining("io.containerd.image.name");
  }

  @Test
  void refusesWhatIsNoArchive() throws Exception {
    Path file = Files.writeString(folder.resolve("text.tar"), "x".repeat(2000));

    assertThatExceptionOfType(ClusterException.class)
        .isThrownBy(() -> ImageArchive.references(file))
        .withMessageContaining("not an OCI image layout archive");
  }

  private Path write(String name, String reference) {
    Path archive = folder.resolve(name);
    new OciLayout(reference, Map.of("/bin/tool", new OciLayout.Link("other")), List.of("/bin/tool"))
        .write(archive);
    return archive;
  }
}
