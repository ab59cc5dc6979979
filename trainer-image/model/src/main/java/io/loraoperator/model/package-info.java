/**
 * Decoder language models with LoRA adapters: blocks with a forward and a backward of their own,
 * composed by an {@link io.loraoperator.model.architecture.Architecture}.
 */
@NullMarked
package io.loraoperator.model;

import org.jspecify.annotations.NullMarked;
