@NullMarked
package io.loraoperator.e2e.cluster.command;

import org.jspecify.annotations.NullMarked;
