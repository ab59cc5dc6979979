@NullMarked
package io.loraoperator.trainer.template;

import org.jspecify.annotations.NullMarked;
