@NullMarked
package io.loraoperator.e2e.cluster;

import org.jspecify.annotations.NullMarked;
