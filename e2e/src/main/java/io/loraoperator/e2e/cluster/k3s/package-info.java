/** K3s and MinIO in containers of a Docker engine, by their Testcontainers modules. */
@NullMarked
package io.loraoperator.e2e.cluster.k3s;

import org.jspecify.annotations.NullMarked;
