/**
 * Model files in and out: safetensors, GGUF, PEFT adapters, tokenizer files and training
 * checkpoints. Names in, tensors out; nothing here knows a model's architecture or a device.
 *
 * <p>Every file is taken to come from a stranger: sizes are checked before anything is allocated,
 * and every refusal is a {@link io.loraoperator.checkpoint.CheckpointException} that names the file
 * and the remedy. Pickles are never read.
 */
@NullMarked
package io.loraoperator.checkpoint;

import org.jspecify.annotations.NullMarked;
