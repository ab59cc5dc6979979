@NullMarked
package io.loraoperator.trainer.schedule;

import org.jspecify.annotations.NullMarked;
