package io.loraoperator.checkpoint;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.IntBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.Base64;

/**
 * SentencePiece's compiled table of normalisations: four bytes of length, so many bytes of a double
 * array of units of four, then the texts that its leaves point to, each ended by a zero.
 *
 * @see <a href="https://github.com/s-yata/darts-clone">the double array</a>
 */
final class PrecompiledCharsmap {

  private static final int LEAF = 1 << 31;
  private static final int HAS_LEAF = 1 << 8;
  private static final int LONG_OFFSET = 1 << 9;
  private static final int LABELS = 0xFF;

  private PrecompiledCharsmap() {}

  /** What is wrong with a table, or nothing if every walk through it stays within it. */
  static String problem(String base64) {
    byte[] bytes;
    try {
      bytes = Base64.getDecoder().decode(base64);
    } catch (IllegalArgumentException e) {
      return "is not base64";
    }
    String exact = Base64.getEncoder().encodeToString(bytes);
    if (!base64.equals(exact)) {
      return "is not base64 to its last bit";
    }
    ByteBuffer in = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
    if (bytes.length < Integer.BYTES) {
      return "is empty";
    }
    int size = in.getInt();
    if (size <= 0 || size % Integer.BYTES != 0 || size > in.remaining()) {
      return "is cut off";
    }
    IntBuffer units = in.slice(in.position(), size).order(ByteOrder.LITTLE_ENDIAN).asIntBuffer();
    ByteBuffer texts = in.slice(in.position() + size, in.remaining() - size);
    try {
      StandardCharsets.UTF_8.newDecoder().decode(texts.duplicate());
    } catch (CharacterCodingException e) {
      return "holds text that is not UTF-8";
    }
    if (!texts.hasRemaining() || texts.get(texts.limit() - 1) != 0) {
      return "does not end its last text";
    }
    return isSound(units, texts) ? "" : "points outside of itself";
  }

  private static boolean isSound(IntBuffer units, ByteBuffer texts) {
    for (int at = 0; at < units.limit(); at++) {
      int unit = units.get(at);
      if (at == 0 || (unit & LEAF) == 0) {
        int children = at ^ (unit >>> 10 << ((unit & LONG_OFFSET) >>> 6));
        if (children < 0 || (children | LABELS) >= units.limit()) {
          return false;
        }
        if ((unit & HAS_LEAF) != 0 && !isText(units.get(children) & ~LEAF, texts)) {
          return false;
        }
      }
    }
    return true;
  }

  /** Whether a text begins there; it must not begin within a character. */
  private static boolean isText(int at, ByteBuffer texts) {
    return at < texts.limit() && (texts.get(at) & 0xC0) != 0x80;
  }
}
