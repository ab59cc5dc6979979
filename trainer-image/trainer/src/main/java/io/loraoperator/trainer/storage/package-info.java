/** Folders of this machine and S3, behind one interface. */
@NullMarked
package io.loraoperator.trainer.storage;

import org.jspecify.annotations.NullMarked;
