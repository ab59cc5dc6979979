package io.loraoperator.image;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.zip.ZipEntry;
import java.util.zip.ZipInputStream;
import java.util.zip.ZipOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class NativeLibrariesTest {
  @TempDir private Path folder;

  @Test
  void takesOurPlatformsLibraryOutAndDropsTheOthers() throws IOException {
    Jar jar =
        jar(
            "tokenizers-0.38.0.jar",
            "ai/djl/Tokenizer.class",
            "native/lib/tokenizers.properties",
            "native/lib/linux-x86_64/cpu/libtokenizers.so",
            "native/lib/linux-aarch64/cpu/libtokenizers.so",
            "native/lib/win-x86_64/cpu/tokenizers.dll");
    FileTree tree = new FileTree();

    NativeLibraries.unpack(jar, "opt/app", tree);

    assertThat(read(tree, "opt/lora/native/tokenizers/libtokenizers.so"))
        .asString(StandardCharsets.UTF_8)
        .isEqualTo("native/lib/linux-x86_64/cpu/libtokenizers.so");
    assertThat(entries(read(tree, "opt/app/tokenizers-0.38.0.jar")))
        .containsExactly("ai/djl/Tokenizer.class", "native/lib/tokenizers.properties");
  }

  @Test
  void putsDuckDbsLibraryBesideItsJar() throws IOException {
    Jar jar =
        jar(
            "duckdb_jdbc-2.0.0.1.jar",
            "libduckdb_java.so_linux_amd64",
            "libduckdb_java.so_macos_arm64",
            "org/duckdb/DuckDBDriver.class");
    FileTree tree = new FileTree();

    NativeLibraries.unpack(jar, "opt/app", tree);

    assertThat(tree.entries())
        .containsKeys("opt/app/libduckdb_java.so_linux_amd64", "opt/app/duckdb_jdbc-2.0.0.1.jar");
  }

  @Test
  void saysWhenAJarsLayoutHasChanged() throws IOException {
    Jar jar = jar("pytorch-jni-9.jar", "somewhere/else/libdjl_torch.so");

    assertThatThrownBy(() -> NativeLibraries.unpack(jar, "opt/app", new FileTree()))
        .isInstanceOf(ImageBuildException.class)
        .hasMessageContaining("pytorch-jni-9.jar")
        .hasMessageContaining("jnilib/linux-x86_64/cpu/");
  }

  private Jar jar(String name, String... entries) throws IOException {
    Path file = folder.resolve(name);
    try (ZipOutputStream zip = new ZipOutputStream(Files.newOutputStream(file))) {
      for (String entry : entries) {
        zip.putNextEntry(new ZipEntry(entry));
        zip.write(entry.getBytes(StandardCharsets.UTF_8));
      }
    }
    return new Jar(file, false, Jar.component("g", "a", "1", null));
  }

  private static byte[] read(FileTree tree, String path) throws IOException {
    assertThat(tree.entries().get(path)).isInstanceOf(TreeEntry.File.class);
    try (InputStream in = ((TreeEntry.File) tree.entries().get(path)).content().open()) {
      return in.readAllBytes();
    }
  }

  private static List<String> entries(byte[] jar) throws IOException {
    List<String> names = new ArrayList<>();
    try (ZipInputStream zip = new ZipInputStream(new ByteArrayInputStream(jar))) {
      for (ZipEntry e = zip.getNextEntry(); e != null; e = zip.getNextEntry()) {
        names.add(e.getName());
      }
    }
    return names;
  }
}
