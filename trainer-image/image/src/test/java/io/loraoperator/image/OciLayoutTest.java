package io.loraoperator.image;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveInputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class OciLayoutTest {
  private static final String REFERENCE = "localhost/lora-operator/reporter:1.2";
  private static final ObjectMapper JSON = new ObjectMapper();

  @TempDir private Path folder;

  @Test
  void everyDescriptorLeadsToABlobOfItsDigestAndSize() throws IOException {
    BuiltImage image = TestImages.image(folder, REFERENCE);

    Map<String, byte[]> files = read(image.writeTo(folder.resolve("out")));

    JsonNode descriptor = JSON.readTree(files.get("index.json")).at("/manifests/0");
    assertThat(descriptor.at("/digest").asText()).isEqualTo(image.digest());
    assertThat(descriptor.at("/annotations/io.containerd.image.name").asText())
        .isEqualTo(REFERENCE);
    JsonNode manifest = JSON.readTree(blob(files, descriptor));
    JsonNode config = JSON.readTree(blob(files, manifest.path("config")));
    assertThat(manifest.path("layers")).hasSize(2);
    for (int i = 0; i < 2; i++) {
      blob(files, manifest.path("layers").get(i));
      assertThat(config.at("/rootfs/diff_ids/" + i).asText())
          .isEqualTo(image.layers().get(i).diffId());
    }
    assertThat(config.at("/config/User").asText()).isEqualTo("65532:65532");
    assertThat(config.at("/config/Entrypoint/0").asText()).isEqualTo("/bin/app");
    assertThat(config.at("/created").asText()).isEqualTo("2026-01-01T00:00:00Z");
    assertThat(files.keySet()).contains("oci-layout");
  }

  @Test
  void isTheSameWheneverItIsWritten() throws IOException {
    Path first = TestImages.image(folder, REFERENCE).writeTo(folder.resolve("1"));
    Path second = TestImages.image(folder, REFERENCE).writeTo(folder.resolve("2"));

    assertThat(second).hasSameBinaryContentAs(first);
  }

  @Test
  void billOfMaterialsNamesEveryPart() throws IOException {
    TestImages.image(folder, REFERENCE).writeTo(folder);

    JsonNode bill = JSON.readTree(folder.resolve("reporter.cdx.json").toFile());
    assertThat(bill.path("bomFormat").asText()).isEqualTo("CycloneDX");
    assertThat(bill.path("components").findValuesAsText("purl"))
        .containsExactly("pkg:deb/debian/zlib1g@1:1.2", "pkg:maven/org.example/app@1.0");
    assertThat(bill.at("/components/0/hashes/0/content").asText()).isEqualTo("ab");
    assertThat(bill.at("/components/1/group").asText()).isEqualTo("org.example");
  }

  private static byte[] blob(Map<String, byte[]> files, JsonNode descriptor) {
    String digest = descriptor.path("digest").asText();
    byte[] content = files.get("blobs/" + digest.replace(':', '/'));
    assertThat(content).hasSize(descriptor.path("size").asInt());
    assertThat("sha256:" + Digests.sha256Hex(content)).isEqualTo(digest);
    return content;
  }

  private static Map<String, byte[]> read(Path tarFile) throws IOException {
    Map<String, byte[]> files = new HashMap<>();
    try (TarArchiveInputStream tar = new TarArchiveInputStream(Files.newInputStream(tarFile))) {
      for (TarArchiveEntry e = tar.getNextEntry(); e != null; e = tar.getNextEntry()) {
        files.put(e.getName(), tar.readAllBytes());
      }
    }
    return files;
  }
}
