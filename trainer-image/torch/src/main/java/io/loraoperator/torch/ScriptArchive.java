package io.loraoperator.torch;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.regex.Pattern;
import java.util.zip.CRC32;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;

/**
 * Writes a TorchScript archive of one stateless module, whose methods are the functions of a text:
 * a zip of a version, an empty constant table, a pickled object without attributes, and the code.
 *
 * @see <a
 *     href="https://github.com/pytorch/pytorch/blob/main/torch/csrc/jit/docs/serialization.md">TorchScript
 *     serialization</a>
 */
final class ScriptArchive {

  /** The file format that PyTorch 2 writes; a lower one would select older operator schemas. */
  private static final String VERSION = "10\n";

  private static final String HEADER =
      """
      class Kernels(Module):
        __parameters__ = []
        __buffers__ = []
        training : bool
      """;

  /** A pickled empty tuple, protocol 2. */
  private static final byte[] NO_CONSTANTS = {(byte) 0x80, 2, ')', '.'};

  private static final Pattern METHOD = Pattern.compile("(?m)^def (\\w+)\\(self\\b");

  private ScriptArchive() {}

  /**
   * @param functions top-level Python functions whose first parameter is {@code self}; they may
   *     call each other through it
   */
  static byte[] of(String functions) {
    String methods = METHOD.matcher(functions).replaceAll("def $1(self: __torch__.Kernels");
    String indented = methods.indent(2);
    var bytes = new ByteArrayOutputStream();
    try (var zip = new ZipOutputStream(bytes)) {
      store(zip, "kernels/data.pkl", pickledObject());
      store(zip, "kernels/code/__torch__.py", (HEADER + indented).getBytes(StandardCharsets.UTF_8));
      store(zip, "kernels/constants.pkl", NO_CONSTANTS);
      store(zip, "kernels/version", VERSION.getBytes(StandardCharsets.US_ASCII));
    } catch (IOException e) {
      throw new UncheckedIOException(e); // memory does not fail
    }
    return bytes.toByteArray();
  }

  /** {@code Kernels.__new__(Kernels)} with the state {@code {"training": True}}, protocol 2. */
  private static byte[] pickledObject() {
    var pickle = new ByteArrayOutputStream();
    byte[] attribute = "training".getBytes(StandardCharsets.US_ASCII);
    pickle.write(0x80); // PROTO
    pickle.write(2);
    pickle.writeBytes("c__torch__\nKernels\n".getBytes(StandardCharsets.US_ASCII)); // GLOBAL
    pickle.write(')'); // EMPTY_TUPLE
    pickle.write(0x81); // NEWOBJ
    pickle.write('}'); // EMPTY_DICT
    pickle.write('('); // MARK
    pickle.write('X'); // BINUNICODE, its length little-endian
    pickle.writeBytes(new byte[] {(byte) attribute.length, 0, 0, 0});
    pickle.writeBytes(attribute);
    pickle.write(0x88); // NEWTRUE
    pickle.write('u'); // SETITEMS
    pickle.write('b'); // BUILD
    pickle.write('.'); // STOP
    return pickle.toByteArray();
  }

  private static void store(ZipOutputStream zip, String name, byte[] content) throws IOException {
    var entry = new ZipEntry(name);
    entry.setMethod(ZipEntry.STORED); // PyTorch maps entries and does not inflate
    entry.setSize(content.length);
    var crc = new CRC32();
    crc.update(content);
    entry.setCrc(crc.getValue());
    zip.putNextEntry(entry);
    zip.write(content);
    zip.closeEntry();
  }
}
