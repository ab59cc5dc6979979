@NullMarked
package io.loraoperator.trainer.batch;

import org.jspecify.annotations.NullMarked;
