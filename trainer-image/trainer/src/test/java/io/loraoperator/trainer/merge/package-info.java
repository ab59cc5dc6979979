@NullMarked
package io.loraoperator.trainer.merge;

import org.jspecify.annotations.NullMarked;
