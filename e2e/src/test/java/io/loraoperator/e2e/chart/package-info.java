/** What the Helm chart renders, and what its policies allow and refuse. */
@NullMarked
package io.loraoperator.e2e.chart;

import org.jspecify.annotations.NullMarked;
