package io.loraoperator.e2e.cluster.current;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.loraoperator.e2e.cluster.Cluster;
import io.loraoperator.e2e.cluster.ClusterException;
import io.loraoperator.e2e.cluster.Progress;
import io.loraoperator.e2e.cluster.binaries.ClientPrograms;
import io.loraoperator.e2e.cluster.binaries.GoBinaries;
import io.loraoperator.e2e.image.OciLayout;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class CurrentClusterProviderTest {
  private final Map<String, String> environment = new HashMap<>();
  @TempDir private Path folder;

  @BeforeEach
  void everythingIsSet() throws IOException {
    environment.put("KUBECONFIG", Files.writeString(folder.resolve("config"), "").toString());
    environment.put(CurrentClusterProvider.S3_VARIABLE, "http://s3.example:9000");
    environment.put("AWS_ACCESS_KEY_ID", "key");
    environment.put("AWS_SECRET_ACCESS_KEY", "secret");
  }

  @Test
  void s3IsReachedByOneUrlUnlessThisMachineHasAnother() {
    assertThat(cluster().s3().hostUrl()).isEqualTo("http://s3.example:9000");

    environment.put(CurrentClusterProvider.S3_HOST_VARIABLE, "http://localhost:30900");

    assertThat(cluster().s3().hostUrl()).isEqualTo("http://localhost:30900");
    assertThat(cluster().s3().clusterUrl()).isEqualTo("http://s3.example:9000");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {CurrentClusterProvider.S3_VARIABLE, "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"})
  void whatTheClusterDoesNotTellIsAskedForByName(String variable) {
    environment.remove(variable);

    assertThatExceptionOfType(ClusterException.class)
        .isThrownBy(this::cluster)
        .withMessageContaining("Set " + variable);
  }

  @Test
  void archiveIsGivenToTheCommandThatImportsIt() {
    environment.put(
        CurrentClusterProvider.IMPORT_VARIABLE, "f() { cp \"$1\" " + folder + "/taken; }; f");
    Path archive = archive();

    assertThat(cluster().importImage(archive)).containsExactly("localhost/test/image:1");
    assertThat(folder.resolve("taken")).hasSameBinaryContentAs(archive);
  }

  @Test
  void withoutThatCommandTheMessageSaysWhatToSet() {
    assertThatExceptionOfType(ClusterException.class)
        .isThrownBy(() -> cluster().importImage(archive()))
        .withMessageContaining(CurrentClusterProvider.IMPORT_VARIABLE)
        .withMessageContaining(CurrentClusterProvider.REGISTRY_VARIABLE);
  }

  @Test
  void isNotTakenDown() {
    assertThatExceptionOfType(ClusterException.class)
        .isThrownBy(() -> provider().down("local", false))
        .withMessageContaining("not ours");
  }

  private Path archive() {
    Path archive = folder.resolve("image.tar");
    new OciLayout("localhost/test/image:1", Map.of(), List.of("/none")).write(archive);
    return archive;
  }

  private Cluster cluster() {
    return provider().find("any").orElseThrow();
  }

  private CurrentClusterProvider provider() {
    GoBinaries none = new GoBinaries(folder, Progress.standardError());
    return new CurrentClusterProvider(environment, new ClientPrograms(none, environment));
  }
}
