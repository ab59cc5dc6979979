/** A cluster that somebody else runs, reached by its kubeconfig. */
@NullMarked
package io.loraoperator.e2e.cluster.existing;

import org.jspecify.annotations.NullMarked;
