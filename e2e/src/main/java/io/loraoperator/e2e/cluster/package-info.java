/** Kubernetes clusters for the quickstart, the end-to-end tests and the benchmarks. */
@NullMarked
package io.loraoperator.e2e.cluster;

import org.jspecify.annotations.NullMarked;
