/** Programs built from Go modules, and the system packages they need. */
@NullMarked
package io.loraoperator.e2e.cluster.binaries;

import org.jspecify.annotations.NullMarked;
