package io.loraoperator.checkpoint;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A model in three files, which llama.cpp's converter wrote. */
class GgufShardsTest {

  private static final Path WHOLE = GgufFamilyTest.FIXTURES.resolve("qwen2.gguf");

  @TempDir Path folder;

  @BeforeEach
  void copy() throws IOException {
    Fixtures.copyFolder(GgufFamilyTest.FIXTURES.resolve("sharded"), folder);
  }

  @Test
  void tensorsAreThoseOfTheWholeModel() {
    try (GgufFile whole = GgufFile.open(WHOLE);
        GgufFile sharded = GgufFile.open(file(1))) {
      assertThat(sharded.paths()).containsExactly(file(1), file(2), file(3));
      assertThat(sharded.tensors().keySet()).isEqualTo(whole.tensors().keySet());
      whole
          .tensors()
          .forEach((name, tensor) ->
              assertThat(
                      sharded
                          .bytes(Fixtures.get(sharded.tensors(), name))
                          .mismatch(whole.bytes(tensor)))
                  .as(name)
                  .isEqualTo(-1));
    }
    try (BaseModelFiles model = BaseModelFiles.open(folder)) {
      assertThat(model.sha256()).isEqualTo(FileDigest.sha256(List.of(file(1), file(2), file(3))));
    }
  }

  @Test
  void refusesByNameAMissingFile() throws IOException {
    Files.delete(file(2));
    assertThatThrownBy(() -> BaseModelFiles.open(folder))
        .isInstanceOf(CheckpointException.class)
        .hasMessageContaining(file(2) + ": no such file; the model has 3");
    Files.delete(file(1));
    assertThatThrownBy(() -> BaseModelFiles.open(folder))
        .hasMessageContaining(file(1) + ": no such file; the model has 3");
  }

  @Test
  void refusesALaterFileAndNamesTheFirst() {
    assertThatThrownBy(() -> BaseModelFiles.open(file(3)))
        .hasMessageContaining(
            file(3) + ": is file 3 of 3 of a model. Give the first one: " + file(1));
  }

  @Test
  void refusesAFileInThePlaceOfAnother() throws IOException {
    Files.delete(file(3));
    Files.copy(file(2), file(3));
    assertThatThrownBy(() -> BaseModelFiles.open(folder))
        .hasMessageContaining(file(3) + ": has split.no = 1 and split.count = 3, not 2 and 3");
  }

  @Test
  void refusesFilesThatWereRenamed() throws IOException {
    Path renamed = folder.resolve("model.gguf");
    Files.move(file(1), renamed);
    assertThatThrownBy(() -> BaseModelFiles.open(renamed))
        .hasMessageContaining(renamed + ": is one of 3 files of a model, but not named so");
  }

  @Test
  void refusesAFolderOfTwoModels() throws IOException {
    Files.copy(WHOLE, folder.resolve("other.gguf"));
    assertThatThrownBy(() -> BaseModelFiles.open(folder))
        .hasMessageContaining("holds 4 .gguf files");
  }

  private Path file(int number) {
    return folder.resolve("qwen2-%05d-of-00003.gguf".formatted(number));
  }
}
