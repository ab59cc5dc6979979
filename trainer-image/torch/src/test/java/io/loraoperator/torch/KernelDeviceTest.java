package io.loraoperator.torch;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** No kernel assumes a CPU. Read from the texts: most machines that run this test have no other. */
class KernelDeviceTest {

  private static final Path FOLDER = Path.of("src/main/resources/io/loraoperator/torch/kernels");

  /** Makes a tensor that follows no other: on the CPU unless told. */
  private static final Pattern FACTORY =
      Pattern.compile("torch\\.(arange|empty|eye|full|linspace|ones|tensor|zeros)\\(");

  @Test
  void everyTensorIsMadeWhereItIsToldTo() throws IOException {
    assertThat(lines()).anyMatch(line -> FACTORY.matcher(line).find());
    assertThat(lines().filter(line -> FACTORY.matcher(line).find()))
        .allSatisfy(line -> assertThat(line).contains("device="));
  }

  @Test
  void operationsOfACpuAloneAreGuarded() throws IOException {
    List<String> lines = lines().toList();
    assertThat(lines).anyMatch(line -> line.contains("mkldnn"));
    for (int i = 0; i < lines.size(); i++) {
      if (lines.get(i).contains("mkldnn")) {
        assertThat(lines.get(i - 1)).as(lines.get(i)).isEqualTo("  if self.by_onednn(x):");
      }
    }
  }

  private static Stream<String> lines() throws IOException {
    try (Stream<Path> files = Files.list(FOLDER)) {
      return files.sorted().map(KernelDeviceTest::read).flatMap(List::stream).toList().stream();
    }
  }

  private static List<String> read(Path file) {
    try {
      return Files.readAllLines(file);
    } catch (IOException e) {
      throw new java.io.UncheckedIOException(e);
    }
  }
}
