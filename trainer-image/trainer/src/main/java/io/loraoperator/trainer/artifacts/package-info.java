/** What a run leaves: adapter, log, samples, manifest, model card. */
@NullMarked
package io.loraoperator.trainer.artifacts;

import org.jspecify.annotations.NullMarked;
