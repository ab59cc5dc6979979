/** What the cluster holds of a run, as one immutable value. */
@NullMarked
package io.loraoperator.operator.observe;

import org.jspecify.annotations.NullMarked;
