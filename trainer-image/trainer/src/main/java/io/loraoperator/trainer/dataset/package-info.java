/** Rows of JSON lines, JSON and CSV files, with the file and line of each. */
@NullMarked
package io.loraoperator.trainer.dataset;

import org.jspecify.annotations.NullMarked;
