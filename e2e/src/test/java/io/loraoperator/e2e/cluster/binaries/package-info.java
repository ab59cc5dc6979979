@NullMarked
package io.loraoperator.e2e.cluster.binaries;

import org.jspecify.annotations.NullMarked;
