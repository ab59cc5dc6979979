/** The thin layer over DJL: TorchScript kernels, tensors' lifetimes, dtypes and threads. */
@NullMarked
package io.loraoperator.torch;

import org.jspecify.annotations.NullMarked;
