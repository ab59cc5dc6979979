@NullMarked
package io.loraoperator.image;

import org.jspecify.annotations.NullMarked;
