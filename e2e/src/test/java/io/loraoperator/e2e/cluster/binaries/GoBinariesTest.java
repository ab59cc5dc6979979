package io.loraoperator.e2e.cluster.binaries;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.loraoperator.e2e.cluster.ClusterException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.Executors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class GoBinariesTest {
  @TempDir private Path cache;
  private final List<String> progress = Collections.synchronizedList(new ArrayList<>());

  @ParameterizedTest
  @EnumSource(GoModule.class)
  void everyModuleIsPinnedAndNamesItsPrograms(GoModule module) {
    String requirements = new String(module.files().get("go.mod"), StandardCharsets.UTF_8);
    assertThat(requirements).contains("module loraoperator.io/e2e/binaries/" + module.folder());
    if (module != GoModule.PAUSE) {
      assertThat(module.files()).containsKey("go.sum");
      long tools =
          requirements.lines().filter(line -> line.matches("(tool )?\\s*\\S+\\.\\S+/\\S+")).count();
      assertThat(module.programs()).hasSize((int) tools);
    }
  }

  @Test
  void kubernetesIsLinkedWithTheVersionItsModuleRequires() {
    String requirements =
        new String(GoModule.KUBERNETES.files().get("go.mod"), StandardCharsets.UTF_8);
    assertThat(GoModule.KUBERNETES.buildArguments("out"))
        .anySatisfy(argument -> {
          assertThat(argument).contains("version.gitMajor=1 ");
          String version = argument.replaceAll(".*gitVersion=(\\S+).*", "$1");
          assertThat(requirements).contains("k8s.io/kubernetes " + version);
        });
  }

  @Test
  void concurrentCallsBuildOnce() throws Exception {
    GoBinaries binaries = new GoBinaries(cache, progress::add);
    List<Callable<Path>> calls =
        Collections.nCopies(3, () -> binaries.program(GoModule.PAUSE, "pause"));
    try (var threads = Executors.newFixedThreadPool(calls.size())) {
      List<Path> programs = new ArrayList<>();
      for (var call : threads.invokeAll(calls)) {
        programs.add(call.get());
      }

      assertThat(programs).hasSize(3).allMatch(Files::isExecutable);
      assertThat(progress).filteredOn(line -> line.startsWith("built pause")).hasSize(1);
    }
  }

  @Test
  void failedBuildNamesModuleAndCompilersWordsAndLeavesNoFolder() throws IOException {
    // A file where the folder should go: moving the result into place must fail.
    GoBinaries binaries = new GoBinaries(cache, progress::add);
    Files.writeString(binaries.folderOf(GoModule.PAUSE), "in the way");

    assertThatExceptionOfType(UncheckedIOException.class)
        .isThrownBy(() -> binaries.build(GoModule.PAUSE))
        .withMessageContaining("Cannot build pause");

    assertThat(binaries.isBuilt(GoModule.PAUSE)).isFalse();
    assertThat(cache).isDirectoryNotContaining("glob:**/.pause-*");
  }

  @Test
  void missingPackagesAreNamedTogetherWithTheirCommand() {
    Prerequisites none = new Prerequisites(List.of(cache), false, progress::add);

    assertThatExceptionOfType(ClusterException.class)
        .isThrownBy(() -> none.check(true))
        .withMessageContaining("apt-get install --yes --no-install-recommends runc")
        .withMessageContaining(" iptables iproute2 conntrack socat util-linux")
        .withMessageContaining("Go 1.26");
  }
}
