@NullMarked
package io.loraoperator.trainer.tracking;

import org.jspecify.annotations.NullMarked;
