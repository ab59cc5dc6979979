@NullMarked
package io.loraoperator.trainer;

import org.jspecify.annotations.NullMarked;
