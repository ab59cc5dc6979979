package io.loraoperator.e2e.cluster.local;

import io.loraoperator.e2e.cluster.local.CertificateAuthority.Issued;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Clock;
import java.util.Base64;
import java.util.List;
import java.util.Map;

/** Writes a new node's certificates, kubeconfigs and configuration. */
record NodeFiles(StateDirectory state, NodeState node) {
  static final String NODE_NAME = "local-node";
  static final String POD_NETWORK = "10.244.0.0/16";
  static final String SERVICE_NETWORK = "10.96.0.0/16";
  static final String DNS_ADDRESS = "10.96.0.10";
  static final String PAUSE_IMAGE = "localhost/lora-operator/pause:1";

  /** The first address of {@link #SERVICE_NETWORK}: Service {@code kubernetes}. */
  private static final String API_SERVICE_ADDRESS = "10.96.0.1";

  private static final int API_PORT = 6443;

  /** What the configuration templates may name. */
  Map<String, String> values() {
    return Map.of(
        "nodeName", NODE_NAME,
        "nodeAddress", node.link().nodeAddress(),
        "podNetwork", POD_NETWORK,
        "dnsAddress", DNS_ADDRESS,
        "pauseImage", PAUSE_IMAGE,
        "cgroup", Cgroups.of(state).name());
  }

  void write(Clock clock) {
    try {
      for (Path folder :
          List.of(state.logs(), state.pki(), state.config().resolve("cni"), stores())) {
        Files.createDirectories(folder);
      }
      writeConfiguration();
      writeCertificates(new CertificateAuthority(clock));
    } catch (IOException failure) {
      throw new UncheckedIOException(
          "Cannot write the cluster's files to " + state.root(), failure);
    }
  }

  private Path stores() {
    return state.node().resolve("minio");
  }

  private void writeConfiguration() throws IOException {
    for (String name : List.of("containerd.toml", "kubelet.yaml", "kube-proxy.yaml", "Corefile")) {
      Files.writeString(state.config().resolve(name), Template.fill(name, values()));
    }
    Files.writeString(
        state.config().resolve("cni").resolve("pods.conflist"),
        Template.fill("pods.conflist", values()));
    Files.writeString(
        state.config().resolve("resolv.conf"), "nameserver " + node.link().nodeAddress() + "\n");
  }

  private void writeCertificates(CertificateAuthority authority) throws IOException {
    String authorityCertificate = authority.certificate();
    secret(state.pki().resolve("ca.crt"), authorityCertificate);
    secret(state.pki().resolve("ca.key"), authority.privateKey());
    pair(
        "kube-apiserver",
        authority.server(
            "kube-apiserver",
            List.of(
                node.link().nodeAddress(),
                API_SERVICE_ADDRESS,
                "127.0.0.1",
                "localhost",
                "kubernetes",
                "kubernetes.default",
                "kubernetes.default.svc",
                "kubernetes.default.svc.cluster.local")));
    pair(
        "kubelet-server",
        authority.server(NODE_NAME, List.of(node.link().nodeAddress(), NODE_NAME)));
    pair("kubelet-client", authority.client("kube-apiserver-kubelet-client", "system:masters"));
    pair("service-accounts", CertificateAuthority.keyPair());

    Map<String, Issued> users =
        Map.of(
            "kube-controller-manager", authority.client("system:kube-controller-manager", ""),
            "kube-scheduler", authority.client("system:kube-scheduler", ""),
            "kubelet", authority.client("system:node:" + NODE_NAME, "system:nodes"),
            "kube-proxy", authority.client("system:kube-proxy", ""),
            "coredns", authority.client("system:coredns", ""));
    for (Map.Entry<String, Issued> user : users.entrySet()) {
      secret(
          state.config().resolve(user.getKey() + ".kubeconfig"),
          kubeconfig(user.getKey(), "127.0.0.1", user.getValue(), authorityCertificate));
    }
    secret(
        state.kubeconfig(),
        kubeconfig(
            "admin",
            node.link().nodeAddress(),
            authority.widelyReadableClient("admin", "system:masters"),
            authorityCertificate));
  }

  private String kubeconfig(String user, String server, Issued issued, String authority) {
    return Template.fill(
        "kubeconfig.yaml",
        Map.of(
            "context",
            "lora-operator-" + node.name(),
            "server",
            "https://" + server + ":" + API_PORT,
            "authority",
            base64(authority),
            "user",
            user,
            "certificate",
            base64(issued.certificate()),
            "key",
            base64(issued.key())));
  }

  private void pair(String name, Issued issued) throws IOException {
    secret(state.pki().resolve(name + ".crt"), issued.certificate());
    secret(state.pki().resolve(name + ".key"), issued.key());
  }

  private static void secret(Path file, String text) throws IOException {
    var ownerOnly =
        PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------"));
    Files.deleteIfExists(file);
    Files.createFile(file, ownerOnly);
    Files.writeString(file, text);
  }

  private static String base64(String text) {
    return Base64.getEncoder().encodeToString(text.getBytes(StandardCharsets.UTF_8));
  }
}
