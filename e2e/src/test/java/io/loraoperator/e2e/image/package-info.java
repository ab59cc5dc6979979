@NullMarked
package io.loraoperator.e2e.image;

import org.jspecify.annotations.NullMarked;
