/** A cluster that somebody else runs, reached by its kubeconfig. */
@NullMarked
package io.loraoperator.e2e.cluster.current;

import org.jspecify.annotations.NullMarked;
