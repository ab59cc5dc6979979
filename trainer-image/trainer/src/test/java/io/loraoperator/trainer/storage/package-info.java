@NullMarked
package io.loraoperator.trainer.storage;

import org.jspecify.annotations.NullMarked;
