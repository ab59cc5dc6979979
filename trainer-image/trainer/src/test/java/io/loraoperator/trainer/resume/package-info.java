/** Interrupted runs of real processes, and faults of what surrounds them. */
@org.jspecify.annotations.NullMarked
package io.loraoperator.trainer.resume;
