/**
 * The operator: reconciles every {@code LoraFineTune} into a Job and reports what becomes of it.
 */
@NullMarked
package io.loraoperator.operator;

import org.jspecify.annotations.NullMarked;
