@NullMarked
package io.loraoperator.trainer.cli;

import org.jspecify.annotations.NullMarked;
