/** Which provider serves a cluster. */
@NullMarked
package io.loraoperator.e2e.cluster.choice;

import org.jspecify.annotations.NullMarked;
