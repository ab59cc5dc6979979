/** The pure projector from observation and plan to the status the operator owns. */
@NullMarked
package io.loraoperator.operator.status;

import org.jspecify.annotations.NullMarked;
