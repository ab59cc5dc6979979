/** Events, metrics and the keys of structured logs. */
@NullMarked
package io.loraoperator.operator.telemetry;

import org.jspecify.annotations.NullMarked;
