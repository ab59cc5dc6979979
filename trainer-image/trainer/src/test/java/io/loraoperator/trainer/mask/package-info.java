@NullMarked
package io.loraoperator.trainer.mask;

import org.jspecify.annotations.NullMarked;
