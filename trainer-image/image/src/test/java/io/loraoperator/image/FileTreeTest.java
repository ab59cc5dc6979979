package io.loraoperator.image;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class FileTreeTest {
  @ParameterizedTest
  @ValueSource(strings = {"", "/", "../etc/passwd", "a/../../b", "a//b", "a/./b", "a/.."})
  void refusesPathsThatAreNoneInsideAnImage(String path) {
    assertThatThrownBy(() -> new FileTree().text(path, ""))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("'" + path + "'");
  }

  @Test
  void addsParentsButKeepsAFolderThatHasAMode() {
    FileTree tree = new FileTree().folder("tmp", 01777).text("tmp/a/b", "");

    assertThat(tree.entries().keySet()).containsExactly("tmp", "tmp/a", "tmp/a/b");
    assertThat(tree.entries().get("tmp")).isEqualTo(new TreeEntry.Folder(01777));
  }

  @Test
  void copiesLinksAsLinks(@TempDir Path folder) throws IOException {
    Files.writeString(folder.resolve("file"), "x");
    Files.createSymbolicLink(folder.resolve("link"), Path.of("file"));

    FileTree tree = new FileTree().copyOf(folder, "opt");

    assertThat(tree.entries().get("opt/link")).isEqualTo(new TreeEntry.Link("file"));
    assertThat(tree.entries().get("opt/file")).isInstanceOf(TreeEntry.File.class);
  }
}
