/** The trainer: data, masks, batches, the loop, artifacts and the command line. */
@NullMarked
package io.loraoperator.trainer;

import org.jspecify.annotations.NullMarked;
