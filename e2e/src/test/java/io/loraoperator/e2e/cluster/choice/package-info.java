@NullMarked
package io.loraoperator.e2e.cluster.choice;

import org.jspecify.annotations.NullMarked;
