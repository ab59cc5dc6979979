@NullMarked
package io.loraoperator.reporter;

import org.jspecify.annotations.NullMarked;
