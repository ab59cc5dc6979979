package io.loraoperator.e2e.cluster.local;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.fabric8.kubernetes.client.Config;
import java.io.ByteArrayInputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.time.Clock;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class NodeFilesTest {
  private static final NodeState NODE =
      new NodeState(
          "local", 4, new NodeLink("lora-1", "10.213.7.1", "10.213.7.2"), "secret", "etcd-1");

  @TempDir private static Path folder;
  private static StateDirectory state = new StateDirectory(Path.of("/"));

  @BeforeAll
  static void write() {
    state = new StateDirectory(folder);
    new NodeFiles(state, NODE).write(Clock.systemUTC());
  }

  @Test
  void apiServersCertificateIsSignedForItsNamesAndAddresses() throws Exception {
    X509Certificate server =
        certificate(Files.readString(state.pki().resolve("kube-apiserver.crt")));

    server.verify(certificate(Files.readString(state.pki().resolve("ca.crt"))).getPublicKey());
    assertThat(server.getSubjectAlternativeNames().toString())
        .contains("10.213.7.2", "10.96.0.1", "127.0.0.1", "kubernetes.default.svc");
  }

  @Test
  void administratorsKubeconfigIsReadByTheClientAndByItsOwnerOnly() throws Exception {
    Config config = Config.fromKubeconfig(state.kubeconfig().toFile());

    assertThat(config.getMasterUrl()).isEqualTo("https://10.213.7.2:6443/");
    X509Certificate client =
        certificate(
            new String(
                Base64.getDecoder().decode(config.getClientCertData()), StandardCharsets.UTF_8));
    assertThat(client.getSubjectX500Principal().getName()).isEqualTo("CN=admin,O=system:masters");
    assertThat(Files.getPosixFilePermissions(state.kubeconfig()))
        .isEqualTo(PosixFilePermissions.fromString("rw-------"));
  }

  @Test
  void noPlaceholderIsLeftInAnyConfigurationFile() throws Exception {
    try (Stream<Path> files = Files.walk(state.config())) {
      List<Path> written = files.filter(Files::isRegularFile).toList();
      assertThat(written).hasSizeGreaterThan(8);
      for (Path file : written) {
        assertThat(Files.readString(file)).as(file.toString()).doesNotContain("${");
      }
    }
  }

  @Test
  void placeholderWithoutValueIsAnError() {
    assertThatExceptionOfType(IllegalArgumentException.class)
        .isThrownBy(() -> Template.fill("kubelet.yaml", Map.of()))
        .withMessageContaining("kubelet.yaml")
        .withMessageContaining("${");
  }

  @Test
  void stateIsReadAsItWasWritten() {
    NODE.withGpus(2).write(state.stateFile());

    assertThat(NodeState.read(state.stateFile())).contains(NODE.withGpus(2));
    assertThat(NodeState.read(folder.resolve("absent"))).isEqualTo(Optional.empty());
  }

  @Test
  void clustersOfTwoFoldersDifferInTheirKernelNames() {
    assertThat(state.kernelName())
        .hasSizeLessThanOrEqualTo(15)
        .isNotEqualTo(new StateDirectory(folder.resolve("other")).kernelName());
  }

  @Test
  void processIsToldApartFromLaterOneWithItsId() {
    NodeProcess self = NodeProcess.running(ProcessHandle.current().pid()).orElseThrow();
    self.write(folder.resolve("process"));

    assertThat(NodeProcess.read(folder.resolve("process"))).contains(self);
    assertThat(self.alive()).isTrue();
    assertThat(new NodeProcess(self.pid(), self.startTicks() - 1).alive()).isFalse();
  }

  private static X509Certificate certificate(String pem) throws Exception {
    return (X509Certificate)
        CertificateFactory.getInstance("X.509")
            .generateCertificate(new ByteArrayInputStream(pem.getBytes(StandardCharsets.UTF_8)));
  }
}
