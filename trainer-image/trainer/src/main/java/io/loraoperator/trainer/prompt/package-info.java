/** Rows as text, with the part that is learned. */
@NullMarked
package io.loraoperator.trainer.prompt;

import org.jspecify.annotations.NullMarked;
