/** The learning rate of each step. */
@NullMarked
package io.loraoperator.trainer.schedule;

import org.jspecify.annotations.NullMarked;
