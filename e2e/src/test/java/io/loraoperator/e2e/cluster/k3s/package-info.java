@NullMarked
package io.loraoperator.e2e.cluster.k3s;

import org.jspecify.annotations.NullMarked;
