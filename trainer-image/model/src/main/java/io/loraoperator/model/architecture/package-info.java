/**
 * What models are made of, as values: a family reads a configuration and says which blocks, sizes
 * and tensor names it means. Nothing here computes.
 */
@NullMarked
package io.loraoperator.model.architecture;

import org.jspecify.annotations.NullMarked;
