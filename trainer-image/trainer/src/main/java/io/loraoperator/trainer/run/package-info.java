/** A run from its specification to its result. */
@NullMarked
package io.loraoperator.trainer.run;

import org.jspecify.annotations.NullMarked;
