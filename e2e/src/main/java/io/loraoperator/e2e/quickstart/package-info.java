/** {@code ./quickstart}: from a clone to a fine-tuned adapter in one command. */
@NullMarked
package io.loraoperator.e2e.quickstart;

import org.jspecify.annotations.NullMarked;
