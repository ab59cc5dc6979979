@NullMarked
package io.loraoperator.operator.telemetry;

import org.jspecify.annotations.NullMarked;
