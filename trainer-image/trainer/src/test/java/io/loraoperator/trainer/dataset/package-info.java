@NullMarked
package io.loraoperator.trainer.dataset;

import org.jspecify.annotations.NullMarked;
