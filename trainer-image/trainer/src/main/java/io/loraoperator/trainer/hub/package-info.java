/** Models, adapters and data sets on the Hugging Face hub, or on a mirror of it. */
@NullMarked
package io.loraoperator.trainer.hub;

import org.jspecify.annotations.NullMarked;
