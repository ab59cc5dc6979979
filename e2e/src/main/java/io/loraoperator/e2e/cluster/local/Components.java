package io.loraoperator.e2e.cluster.local;

import io.loraoperator.e2e.cluster.S3Service;
import io.loraoperator.e2e.cluster.binaries.GoModule;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** The programs of a node and their command lines. */
final class Components {
  static final String ETCD = "etcd";
  static final String CONTAINERD = "containerd";
  static final String MINIO = "minio";
  static final String API_SERVER = "kube-apiserver";
  static final String CONTROLLER_MANAGER = "kube-controller-manager";
  static final String SCHEDULER = "kube-scheduler";
  static final String KUBELET = "kubelet";
  static final String KUBE_PROXY = "kube-proxy";
  static final String COREDNS = "coredns";

  private static final String PKI = StateDirectory.IN_NODE + "/pki/";
  private static final String CONFIG = StateDirectory.IN_NODE + "/config/";

  private Components() {}

  /** All programs in the order in which they start. */
  static List<Component> of(NodeState node) {
    return List.of(
        etcd(),
        containerd(),
        minio(node),
        apiServer(node.link().nodeAddress()),
        controllerManager(),
        scheduler(),
        kubelet(node.link().nodeAddress()),
        kubernetes(KUBE_PROXY, "--config=" + CONFIG + "kube-proxy.yaml"),
        coredns());
  }

  private static Component etcd() {
    return new Component(
        ETCD,
        GoModule.ETCD,
        List.of(
            "--name=" + NodeFiles.NODE_NAME,
            "--data-dir=" + StateDirectory.IN_NODE + "/etcd",
            "--listen-client-urls=http://127.0.0.1:2379",
            "--advertise-client-urls=http://127.0.0.1:2379",
            "--listen-peer-urls=http://127.0.0.1:2380",
            "--initial-advertise-peer-urls=http://127.0.0.1:2380",
            "--initial-cluster=" + NodeFiles.NODE_NAME + "=http://127.0.0.1:2380",
            // The cluster does not outlive a crash of the machine, so its writes need not either.
            "--unsafe-no-fsync",
            "--log-level=warn"),
        Map.of());
  }

  private static Component containerd() {
    return new Component(
        CONTAINERD,
        GoModule.CONTAINERD,
        List.of("--config=" + CONFIG + "containerd.toml"),
        Map.of());
  }

  private static Component minio(NodeState node) {
    return new Component(
        MINIO,
        GoModule.MINIO,
        List.of(
            "server",
            "--address=:" + S3Service.PORT,
            "--quiet",
            "--anonymous",
            StateDirectory.IN_NODE + "/minio"),
        Map.of(
            "MINIO_ROOT_USER",
            S3Service.ACCESS_KEY,
            "MINIO_ROOT_PASSWORD",
            node.s3SecretKey(),
            "MINIO_REGION",
            S3Service.REGION,
            "MINIO_BROWSER",
            "off",
            "MINIO_UPDATE",
            "off"));
  }

  private static Component apiServer(String address) {
    return kubernetes(
        API_SERVER,
        "--etcd-servers=http://127.0.0.1:2379",
        "--advertise-address=" + address,
        "--bind-address=0.0.0.0",
        "--secure-port=6443",
        "--tls-cert-file=" + PKI + "kube-apiserver.crt",
        "--tls-private-key-file=" + PKI + "kube-apiserver.key",
        "--client-ca-file=" + PKI + "ca.crt",
        "--kubelet-certificate-authority=" + PKI + "ca.crt",
        "--kubelet-client-certificate=" + PKI + "kubelet-client.crt",
        "--kubelet-client-key=" + PKI + "kubelet-client.key",
        // The node's name resolves nowhere; its address is what the certificate carries.
        "--kubelet-preferred-address-types=InternalIP",
        "--authorization-mode=Node,RBAC",
        // On top of the defaults, among them PodSecurity, ResourceQuota, ValidatingAdmissionPolicy.
        "--enable-admission-plugins=NodeRestriction",
        "--allow-privileged=true",
        "--service-cluster-ip-range=" + NodeFiles.SERVICE_NETWORK,
        "--service-account-issuer=https://kubernetes.default.svc.cluster.local",
        "--service-account-key-file=" + PKI + "service-accounts.crt",
        "--service-account-signing-key-file=" + PKI + "service-accounts.key");
  }

  private static Component controllerManager() {
    return kubernetes(
        CONTROLLER_MANAGER,
        "--kubeconfig=" + CONFIG + "kube-controller-manager.kubeconfig",
        "--bind-address=127.0.0.1",
        "--leader-elect=false",
        "--use-service-account-credentials=true",
        "--service-account-private-key-file=" + PKI + "service-accounts.key",
        "--root-ca-file=" + PKI + "ca.crt",
        "--cluster-signing-cert-file=" + PKI + "ca.crt",
        "--cluster-signing-key-file=" + PKI + "ca.key",
        // The default is a folder of this machine, which it would make.
        "--flex-volume-plugin-dir=/var/lib/kubelet/volume-plugins");
  }

  private static Component scheduler() {
    return kubernetes(
        SCHEDULER,
        "--kubeconfig=" + CONFIG + "kube-scheduler.kubeconfig",
        "--bind-address=127.0.0.1",
        "--leader-elect=false");
  }

  private static Component kubelet(String address) {
    return kubernetes(
        KUBELET,
        "--config=" + CONFIG + "kubelet.yaml",
        "--kubeconfig=" + CONFIG + "kubelet.kubeconfig",
        "--hostname-override=" + NodeFiles.NODE_NAME,
        "--node-ip=" + address,
        "--root-dir=/var/lib/kubelet");
  }

  private static Component coredns() {
    return new Component(
        COREDNS, GoModule.COREDNS, List.of("-conf", CONFIG + "Corefile"), Map.of());
  }

  private static Component kubernetes(String name, String... arguments) {
    return new Component(name, GoModule.KUBERNETES, new ArrayList<>(List.of(arguments)), Map.of());
  }
}
