/** What a real API server says to manifests. */
@NullMarked
package io.loraoperator.e2e.api;

import org.jspecify.annotations.NullMarked;
