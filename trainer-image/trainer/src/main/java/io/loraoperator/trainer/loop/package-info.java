/** The training loop. */
@NullMarked
package io.loraoperator.trainer.loop;

import org.jspecify.annotations.NullMarked;
