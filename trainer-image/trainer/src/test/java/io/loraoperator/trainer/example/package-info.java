/** Every folder of {@code examples/}, run on a tiny random model of the family that it names. */
@NullMarked
package io.loraoperator.trainer.example;

import org.jspecify.annotations.NullMarked;
