/** The thin adapters that make the cluster hold what is desired. */
@NullMarked
package io.loraoperator.operator.dependent;

import org.jspecify.annotations.NullMarked;
