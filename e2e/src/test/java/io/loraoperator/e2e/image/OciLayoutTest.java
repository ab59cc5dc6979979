package io.loraoperator.e2e.image;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.loraoperator.e2e.image.OciLayout.Entry;
import io.loraoperator.e2e.image.OciLayout.Folder;
import io.loraoperator.e2e.image.OciLayout.Link;
import io.loraoperator.e2e.image.OciLayout.Text;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveInputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class OciLayoutTest {
  private static final JsonMapper JSON = JsonMapper.builder().build();

  @TempDir private Path folder;

  @Test
  void dockerAndContainerdFindTheSameImageInTheArchive() throws IOException {
    Map<String, Entry> entries = new LinkedHashMap<>();
    entries.put("/bin/hello", new Text("echo hello\n"));
    entries.put("/bin/hi", new Link("hello"));
    entries.put("/tmp", new Folder());
    Path archive = folder.resolve("image.tar");
    new OciLayout("localhost/test/hello:1", entries, List.of("/bin/hello"), List.of("/data"))
        .write(archive);

    Map<String, byte[]> files = read(Files.newInputStream(archive));
    JsonNode docker = JSON.readTree(files.get("manifest.json")).path(0);
    JsonNode index = JSON.readTree(files.get("index.json")).path("manifests").path(0);
    JsonNode manifest = JSON.readTree(files.get(blob(index)));
    assertThat(docker.path("RepoTags").path(0).asText())
        .isEqualTo(index.path("annotations").path("io.containerd.image.name").asText())
        .isEqualTo("localhost/test/hello:1");
    assertThat(docker.path("Config").asText()).isEqualTo(blob(manifest.path("config")));
    assertThat(docker.path("Layers").path(0).asText())
        .isEqualTo(blob(manifest.path("layers").path(0)));

    JsonNode config = JSON.readTree(files.get(docker.path("Config").asText())).path("config");
    assertThat(config.path("Volumes").has("/data")).isTrue();
    byte[] layer = Objects.requireNonNull(files.get(docker.path("Layers").path(0).asText()));
    assertThat(manifest.path("layers").path(0).path("size").asInt()).isEqualTo(layer.length);
    assertThat(read(new ByteArrayInputStream(layer)))
        .containsOnlyKeys("bin/", "bin/hello", "bin/hi", "tmp/");
  }

  private static String blob(JsonNode descriptor) {
    return "blobs/" + descriptor.path("digest").asText().replace(':', '/');
  }

  private static Map<String, byte[]> read(InputStream stream) throws IOException {
    Map<String, byte[]> files = new LinkedHashMap<>();
    try (TarArchiveInputStream tar = new TarArchiveInputStream(stream)) {
      for (TarArchiveEntry entry = tar.getNextEntry(); entry != null; entry = tar.getNextEntry()) {
        files.put(entry.getName(), tar.readAllBytes());
      }
    }
    return files;
  }
}
