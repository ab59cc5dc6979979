@NullMarked
package io.loraoperator.contract;

import org.jspecify.annotations.NullMarked;
