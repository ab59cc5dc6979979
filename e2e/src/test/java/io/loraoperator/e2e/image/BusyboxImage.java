package io.loraoperator.e2e.image;

import io.loraoperator.e2e.image.OciLayout.Entry;
import io.loraoperator.e2e.image.OciLayout.Link;
import io.loraoperator.e2e.image.OciLayout.Program;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** An image with a shell and the usual small programs, from Debian's static busybox. */
public final class BusyboxImage {
  public static final String REFERENCE = "localhost/lora-operator/busybox:test";

  private static final List<String> APPLETS =
      List.of(
          "sh",
          "cat",
          "cp",
          "dd",
          "echo",
          "env",
          "grep",
          "head",
          "ls",
          "mkdir",
          "nslookup",
          "rm",
          "sleep",
          "tail",
          "touch",
          "true",
          "wget");

  private BusyboxImage() {}

  /** Writes the image's archive into the folder and returns its path. */
  public static Path write(Path folder) {
    return write(folder, REFERENCE, Map.of());
  }

  /** The same with more files, under another name. */
  public static Path write(Path folder, String reference, Map<String, Entry> more) {
    Map<String, Entry> entries = new LinkedHashMap<>();
    entries.put("/bin/busybox", new Program(Path.of("/bin/busybox")));
    APPLETS.forEach(applet -> entries.put("/bin/" + applet, new Link("busybox")));
    entries.putAll(more);
    Path archive = folder.resolve(reference.replaceAll("[^a-z]+", "-") + ".tar");
    new OciLayout(reference, entries, List.of("/bin/sh", "-c")).write(archive);
    return archive;
  }
}
