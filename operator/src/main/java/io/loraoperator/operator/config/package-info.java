/** What the administrator sets. */
@NullMarked
package io.loraoperator.operator.config;

import org.jspecify.annotations.NullMarked;
