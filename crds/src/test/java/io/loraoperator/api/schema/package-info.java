/** How the CRD and its reference page are made from the Java types, and what they must fulfil. */
@NullMarked
package io.loraoperator.api.schema;

import org.jspecify.annotations.NullMarked;
