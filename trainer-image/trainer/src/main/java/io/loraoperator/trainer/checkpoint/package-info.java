/** Checkpoints of a run and resuming from them. */
@NullMarked
package io.loraoperator.trainer.checkpoint;

import org.jspecify.annotations.NullMarked;
