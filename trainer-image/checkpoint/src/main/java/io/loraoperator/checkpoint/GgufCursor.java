package io.loraoperator.checkpoint;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;

/** Reads little-endian values one after the other and never past the end. */
final class GgufCursor {

  private static final ValueLayout.OfShort SHORT =
      ValueLayout.JAVA_SHORT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
  private static final ValueLayout.OfInt INT =
      ValueLayout.JAVA_INT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
  private static final ValueLayout.OfLong LONG =
      ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

  /** No key, name, token or template comes near. */
  private static final long LONGEST_STRING = 1 << 26;

  private final MemorySegment bytes;
  private final String file;
  private long at;

  GgufCursor(MemorySegment bytes, String file) {
    this.bytes = bytes;
    this.file = file;
  }

  long position() {
    return at;
  }

  long remaining() {
    return bytes.byteSize() - at;
  }

  byte readByte() {
    return bytes.get(ValueLayout.JAVA_BYTE, advance(Byte.BYTES));
  }

  short readShort() {
    return bytes.get(SHORT, advance(Short.BYTES));
  }

  int readInt() {
    return bytes.get(INT, advance(Integer.BYTES));
  }

  long readLong() {
    return bytes.get(LONG, advance(Long.BYTES));
  }

  float readFloat() {
    return Float.intBitsToFloat(readInt());
  }

  double readDouble() {
    return Double.longBitsToDouble(readLong());
  }

  /** A length of 64 bits and so many bytes of UTF-8. */
  String readString() {
    long length = readLength(1, "a string");
    if (length > LONGEST_STRING) {
      throw invalid("a string of %d bytes at byte %d".formatted(length, at));
    }
    byte[] text = new byte[(int) length];
    long from = advance(length);
    MemorySegment.copy(bytes, ValueLayout.JAVA_BYTE, from, text, 0, text.length);
    return new String(text, StandardCharsets.UTF_8);
  }

  /** A count of things that take at least {@code least} bytes each, so the file must hold them. */
  long readLength(int least, String what) {
    long length = readLong();
    if (length < 0 || length > remaining() / least) {
      throw invalid(
          "%s of length %s at byte %d goes past the end of the file"
              .formatted(what, Long.toUnsignedString(length), at));
    }
    return length;
  }

  private long advance(long count) {
    if (count > remaining()) {
      throw invalid("cut off at byte %d".formatted(bytes.byteSize()));
    }
    long from = at;
    at += count;
    return from;
  }

  CheckpointException invalid(String problem) {
    return CheckpointException.invalid(
        file, problem, "Download the file again; it is damaged or not a GGUF model.");
  }
}
