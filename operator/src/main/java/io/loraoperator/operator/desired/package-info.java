/** What should exist: which run and attempt, and the resources that carry it out. Pure. */
@NullMarked
package io.loraoperator.operator.desired;

import org.jspecify.annotations.NullMarked;
