/**
 * The sidecar that tells Kubernetes how far a run is: it reads the trainer's progress file and
 * applies it to the object's status. It holds the API token; the trainer has none.
 */
@NullMarked
package io.loraoperator.reporter;

import org.jspecify.annotations.NullMarked;
