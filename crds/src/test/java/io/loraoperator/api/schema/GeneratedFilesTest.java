package io.loraoperator.api.schema;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The committed files say what the Java types say. */
class GeneratedFilesTest {
  static Stream<GeneratedFile> files() {
    return Stream.of(
        new GeneratedFile(GeneratedFile.CRD, CrdDocument::yaml),
        new GeneratedFile("charts/lora-operator/files/lorafinetunes.yaml", CrdDocument::yaml),
        new GeneratedFile("docs/reference/lorafinetune.md", ReferencePage::markdown));
  }

  @ParameterizedTest
  @MethodSource("files")
  void committedFileIsTheGeneratedOne(GeneratedFile file) throws IOException {
    if (Boolean.getBoolean("regenerate")) {
      file.write();
    }
    assertThat(file.file())
        .as("%s is out of date; make it again with: %s", file, GeneratedFile.COMMAND)
        .exists();
    assertThat(Files.readString(file.file()))
        .as("%s is out of date; make it again with: %s", file, GeneratedFile.COMMAND)
        .isEqualTo(file.content().get());
  }
}
