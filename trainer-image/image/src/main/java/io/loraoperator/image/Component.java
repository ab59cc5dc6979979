package io.loraoperator.image;

import org.jspecify.annotations.Nullable;

/**
 * One third-party or own part of an image, for the bill of materials.
 *
 * @param name the package's or artifact's name
 * @param group the Maven group, null for others
 * @param version as its registry writes it
 * @param packageUrl a purl (package-url specification), such as {@code pkg:deb/debian/libc6@2.36-9}
 * @param sha256 digest of the package or jar file it came from, null where there is none
 */
public record Component(
    String name,
    @Nullable String group,
    String version,
    String packageUrl,
    @Nullable String sha256) {}
