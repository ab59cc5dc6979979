@NullMarked
package io.loraoperator.trainer.run;

import org.jspecify.annotations.NullMarked;
