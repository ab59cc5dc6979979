@NullMarked
package io.loraoperator.trainer.prompt;

import org.jspecify.annotations.NullMarked;
