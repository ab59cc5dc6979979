/**
 * The part of Jinja that chat templates and prompts are written in, as transformers renders it:
 * {@code trim_blocks} and {@code lstrip_blocks} on, the {@code generation} tag and loop controls
 * known. Templates come from strangers: values are plain data, no Java object can be reached, and
 * work and output are bounded.
 */
@NullMarked
package io.loraoperator.trainer.template;

import org.jspecify.annotations.NullMarked;
