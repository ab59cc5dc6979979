/** Ordered, pure checks that say why a run is where it is. */
@NullMarked
package io.loraoperator.operator.check;

import org.jspecify.annotations.NullMarked;
