package io.loraoperator.image;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/** A small image for tests. */
final class TestImages {
  private TestImages() {}

  static BuiltImage image(Path folder, String reference) throws IOException {
    Component component =
        new Component("zlib1g", null, "1:1.2", "pkg:deb/debian/zlib1g@1:1.2", "ab");
    Layer base =
        LayerWriter.write(
            "base",
            new FileTree().text("etc/passwd", "root"),
            folder.resolve("base"),
            List.of(component));
    Layer application =
        LayerWriter.write(
            "application",
            new FileTree().text("opt/app", "app"),
            folder.resolve("application"),
            List.of(Jar.component("org.example", "app", "1.0", null)));
    ImageConfiguration configuration =
        new ImageConfiguration(
            List.of("/bin/app", "run"), Map.of("LANG", "C.UTF-8"), Map.of("title", "test"));
    return new BuiltImage(
        ImageName.REPORTER, reference, new OciImage(List.of(base, application), configuration));
  }
}
