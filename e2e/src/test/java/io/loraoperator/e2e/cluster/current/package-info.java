@NullMarked
package io.loraoperator.e2e.cluster.current;

import org.jspecify.annotations.NullMarked;
