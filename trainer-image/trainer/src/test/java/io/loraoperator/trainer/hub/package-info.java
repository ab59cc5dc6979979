@NullMarked
package io.loraoperator.trainer.hub;

import org.jspecify.annotations.NullMarked;
