package io.loraoperator.trainer.tracking;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;

/**
 * A message of protocol buffers, field by field.
 *
 * @see <a href="https://protobuf.dev/programming-guides/encoding/">Encoding</a>
 */
final class ProtobufMessage {

  private static final int VARINT = 0;
  private static final int FIXED_64 = 1;
  private static final int LENGTH_DELIMITED = 2;
  private static final int FIXED_32 = 5;

  private final ByteArrayOutputStream out = new ByteArrayOutputStream();

  /**
   * Version 3 leaves a field out that is 0, unless it is one of several that exclude each other.
   */
  ProtobufMessage int64(int field, long value) {
    if (value != 0) {
      key(field, VARINT);
      varint(value);
    }
    return this;
  }

  ProtobufMessage float64(int field, double value) {
    key(field, FIXED_64);
    out.writeBytes(littleEndian(Double.BYTES).putDouble(value).array());
    return this;
  }

  ProtobufMessage float32(int field, float value) {
    key(field, FIXED_32);
    out.writeBytes(littleEndian(Float.BYTES).putFloat(value).array());
    return this;
  }

  ProtobufMessage text(int field, String value) {
    return bytes(field, value.getBytes(StandardCharsets.UTF_8));
  }

  ProtobufMessage message(int field, ProtobufMessage value) {
    return bytes(field, value.toBytes());
  }

  private ProtobufMessage bytes(int field, byte[] value) {
    key(field, LENGTH_DELIMITED);
    varint(value.length);
    out.writeBytes(value);
    return this;
  }

  byte[] toBytes() {
    return out.toByteArray();
  }

  private void key(int field, int wireType) {
    varint(((long) field << 3) | wireType);
  }

  /** Seven bits a byte, the lowest first, the top bit where more follow. */
  private void varint(long value) {
    long rest = value;
    while ((rest & ~0x7FL) != 0) {
      out.write((int) ((rest & 0x7F) | 0x80));
      rest >>>= 7;
    }
    out.write((int) rest);
  }

  private static ByteBuffer littleEndian(int bytes) {
    return ByteBuffer.allocate(bytes).order(ByteOrder.LITTLE_ENDIAN);
  }
}
