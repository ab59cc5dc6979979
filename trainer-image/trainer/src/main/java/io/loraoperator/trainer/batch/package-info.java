/** Which rows come in which optimizer step. */
@NullMarked
package io.loraoperator.trainer.batch;

import org.jspecify.annotations.NullMarked;
