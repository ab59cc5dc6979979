/**
 * Builds the project's container images without a container engine and without base images: Debian
 * packages, a linked Java run time and the applications become OCI layers; the result is an OCI
 * image layout in a tar, or a push to a registry.
 */
@NullMarked
package io.loraoperator.image;

import org.jspecify.annotations.NullMarked;
