package io.loraoperator.image;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;

import com.github.luben.zstd.ZstdInputStream;
import io.loraoperator.image.TreeEntry.Content;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveInputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LayerWriterTest {
  @TempDir private Path folder;

  @Test
  void keepsLinksModesAndFixedOwnerAndTime() throws IOException {
    Layer layer = LayerWriter.write("test", tree("a"), folder.resolve("layer"), List.of());

    Map<String, TarArchiveEntry> entries = entries(layer);
    assertThat(entries.keySet())
        .containsExactly(
            "lib64/", "lib64/ld.so", "opt/", "opt/bin/", "opt/bin/java", "opt/text", "tmp/");
    assertThat(entries.get("lib64/ld.so"))
        .satisfies(link -> {
          assertThat(link.isSymbolicLink()).isTrue();
          assertThat(link.getLinkName()).isEqualTo("/lib/x86_64-linux-gnu/ld.so");
        });
    assertThat(mode(entries, "opt/bin/java")).isEqualTo(0755);
    assertThat(mode(entries, "tmp/")).isEqualTo(01777);
    assertThat(entries.values())
        .allSatisfy(entry -> {
          assertThat(entry.getLongUserId()).isZero();
          assertThat(entry.getLongGroupId()).isZero();
          assertThat(entry.getLastModifiedTime().toInstant()).isEqualTo(LayerWriter.TIMESTAMP);
        });
  }

  @Test
  void digestsAreThoseOfTheFileAndOfItsContent() throws IOException {
    Layer layer = LayerWriter.write("test", tree("a"), folder.resolve("layer"), List.of());

    byte[] compressed = Files.readAllBytes(layer.file());
    byte[] tar = new ZstdInputStream(new ByteArrayInputStream(compressed)).readAllBytes();
    assertThat(layer.digest()).isEqualTo("sha256:" + Digests.sha256Hex(compressed));
    assertThat(layer.diffId()).isEqualTo("sha256:" + Digests.sha256Hex(tar));
    assertThat(layer.size()).isEqualTo(compressed.length);
    assertThat(layer.uncompressedSize()).isEqualTo(tar.length);
  }

  @Test
  void equalTreesGiveEqualBytesAndOtherTreesOtherBytes() throws IOException {
    Layer first = LayerWriter.write("test", tree("a"), folder.resolve("1"), List.of());
    Layer second = LayerWriter.write("test", tree("a"), folder.resolve("2"), List.of());
    Layer other = LayerWriter.write("test", tree("b"), folder.resolve("3"), List.of());

    assertThat(second.file()).hasSameBinaryContentAs(first.file());
    assertThat(other.digest()).isNotEqualTo(first.digest());
  }

  @Test
  void unpackingGivesTheTreeBack() throws IOException {
    Layer layer = LayerWriter.write("test", tree("a"), folder.resolve("layer"), List.of());
    Path root = Files.createDirectory(folder.resolve("root"));

    LayerReader.unpack(layer, root);

    assertThat(root.resolve("opt/text")).hasContent("a");
    assertThat(root.resolve("opt/bin/java")).isExecutable();
    assertThat(Files.readSymbolicLink(root.resolve("lib64/ld.so")))
        .isEqualTo(Path.of("/lib/x86_64-linux-gnu/ld.so"));
    assertThat(Files.getLastModifiedTime(root.resolve("opt/text")).toInstant())
        .isEqualTo(LayerWriter.TIMESTAMP);
  }

  private static int mode(Map<String, TarArchiveEntry> entries, String path) {
    return requireNonNull(entries.get(path)).getMode() & 07777;
  }

  private static FileTree tree(String text) {
    return new FileTree()
        .folder("tmp", 01777)
        .text("opt/text", text)
        .file("./opt/bin/java", 0755, Content.of("#!".getBytes(StandardCharsets.UTF_8)))
        .link("/lib64/ld.so", "/lib/x86_64-linux-gnu/ld.so");
  }

  private static Map<String, TarArchiveEntry> entries(Layer layer) throws IOException {
    Map<String, TarArchiveEntry> entries = new LinkedHashMap<>();
    try (TarArchiveInputStream tar =
        new TarArchiveInputStream(new ZstdInputStream(Files.newInputStream(layer.file())))) {
      for (TarArchiveEntry e = tar.getNextEntry(); e != null; e = tar.getNextEntry()) {
        entries.put(e.getName(), e);
      }
    }
    return entries;
  }
}
