@NullMarked
package io.loraoperator.e2e.cluster.local;

import org.jspecify.annotations.NullMarked;
