@NullMarked
package io.loraoperator.checkpoint;

import org.jspecify.annotations.NullMarked;
