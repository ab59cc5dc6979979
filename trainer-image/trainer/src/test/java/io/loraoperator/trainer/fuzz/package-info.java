/** Files from strangers: whatever they hold, they are read or refused, in time and in memory. */
@NullMarked
package io.loraoperator.trainer.fuzz;

import org.jspecify.annotations.NullMarked;
