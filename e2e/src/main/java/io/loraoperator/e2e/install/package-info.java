/**
 * What a cluster needs around a run: the chart, a tenant's namespace, buckets with model and data.
 */
@NullMarked
package io.loraoperator.e2e.install;

import org.jspecify.annotations.NullMarked;
