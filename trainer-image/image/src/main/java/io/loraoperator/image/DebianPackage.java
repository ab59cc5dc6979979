package io.loraoperator.image;

import java.nio.file.Path;

/**
 * A fetched Debian package.
 *
 * @param file the .deb on this machine
 * @param sha256 the file's digest in hexadecimal
 */
record DebianPackage(String name, String version, String architecture, Path file, String sha256) {

  /** What the bill of materials says of it. */
  Component component() {
    String purl =
        "pkg:deb/debian/%s@%s?arch=%s&distro=%s"
            .formatted(
                name.replace("+", "%2B"),
                version.replace("+", "%2B"),
                architecture,
                DebianPackages.RELEASE);
    return new Component(name, null, version, purl, sha256);
  }

  /** Name, version and digest: equal for equal content wherever the file lies. */
  String identity() {
    return name + " " + version + " " + sha256;
  }
}
