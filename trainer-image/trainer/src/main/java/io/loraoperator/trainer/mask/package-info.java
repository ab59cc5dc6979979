/** Text as tokens, each with a mark whether it is learned. */
@NullMarked
package io.loraoperator.trainer.mask;

import org.jspecify.annotations.NullMarked;
