/** Runs on a real cluster, and what their users see of them. */
@NullMarked
package io.loraoperator.e2e.run;

import org.jspecify.annotations.NullMarked;
