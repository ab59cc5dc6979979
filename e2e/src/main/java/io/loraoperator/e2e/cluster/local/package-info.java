/**
 * One real Kubernetes node in Linux namespaces of its own: control plane, kubelet, containerd, DNS
 * and MinIO.
 */
@NullMarked
package io.loraoperator.e2e.cluster.local;

import org.jspecify.annotations.NullMarked;
