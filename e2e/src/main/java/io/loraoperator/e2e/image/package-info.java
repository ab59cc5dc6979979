/** Container images written as OCI layouts, without an engine and without base images. */
@NullMarked
package io.loraoperator.e2e.image;

import org.jspecify.annotations.NullMarked;
