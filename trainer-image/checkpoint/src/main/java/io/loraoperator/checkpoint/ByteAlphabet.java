package io.loraoperator.checkpoint;

import java.util.Arrays;

/**
 * The 256 characters in which byte-level BPE spells bytes: printable Latin-1 as itself, the others
 * from U+0100 on, in the order of the bytes.
 *
 * @see <a href="https://github.com/openai/gpt-2/blob/master/src/encoder.py">GPT-2,
 *     bytes_to_unicode</a>
 */
final class ByteAlphabet {

  private static final int BYTES = 256;

  /** The first character that stands for a byte that is not printable. */
  private static final char FIRST_SUBSTITUTE = 0x100;

  private static final char[] CHARACTER_OF_BYTE = new char[BYTES];
  private static final char[] SORTED;

  static {
    char substitute = FIRST_SUBSTITUTE;
    for (int b = 0; b < BYTES; b++) {
      boolean printable = (b >= '!' && b <= '~') || (b >= 0xA1 && b <= 0xFF && b != 0xAD);
      CHARACTER_OF_BYTE[b] = printable ? (char) b : substitute++;
    }
    SORTED = CHARACTER_OF_BYTE.clone();
    Arrays.sort(SORTED);
  }

  private ByteAlphabet() {}

  /** Whether the token consists of the alphabet's characters only. */
  static boolean spells(String token) {
    return token.chars().allMatch(c -> Arrays.binarySearch(SORTED, (char) c) >= 0);
  }

  static String spell(byte[] bytes) {
    StringBuilder spelled = new StringBuilder();
    for (byte b : bytes) {
      spelled.append(CHARACTER_OF_BYTE[b & 0xFF]);
    }
    return spelled.toString();
  }
}
