@NullMarked
package io.loraoperator.e2e.cluster.process;

import org.jspecify.annotations.NullMarked;
