/** Running other programs: short commands, waiting, and locks between processes. */
@NullMarked
package io.loraoperator.e2e.cluster.process;

import org.jspecify.annotations.NullMarked;
