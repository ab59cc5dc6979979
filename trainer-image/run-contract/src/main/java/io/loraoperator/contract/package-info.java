/**
 * What the operator, the trainer and the reporter agree on: the specification of a fine-tune, the
 * run document, the progress file, the result document, reasons, exit codes and paths in the Pod.
 */
@NullMarked
package io.loraoperator.contract;

import org.jspecify.annotations.NullMarked;
