package io.loraoperator.checkpoint;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;

/**
 * How a ggml type stores values: blocks of a fixed number of elements in a fixed size. Values are
 * those of ggml's reference dequantisation, bit for bit.
 *
 * @see <a href="https://github.com/ggml-org/llama.cpp/blob/master/gguf-py/gguf/quants.py">gguf-py,
 *     quants</a>
 */
enum BlockCodec {
  F32(1, Float.BYTES) {
    @Override
    void decode(byte[] source, int blocks, float[] target) {
      for (int i = 0; i < blocks; i++) {
        target[i] = (float) FLOAT.get(source, i * Float.BYTES);
      }
    }
  },

  F16(1, Short.BYTES) {
    @Override
    void decode(byte[] source, int blocks, float[] target) {
      for (int i = 0; i < blocks; i++) {
        target[i] = half(source, i * Short.BYTES);
      }
    }
  },

  BF16(1, Short.BYTES) {
    @Override
    void decode(byte[] source, int blocks, float[] target) {
      for (int i = 0; i < blocks; i++) {
        target[i] = Float.intBitsToFloat((short) SHORT.get(source, i * Short.BYTES) << 16);
      }
    }
  },

  /** Scale d (float16), 32 signed bytes q: d q. */
  Q8_0(BlockCodec.QK, Short.BYTES + BlockCodec.QK) {
    @Override
    void decode(byte[] source, int blocks, float[] target) {
      for (int b = 0; b < blocks; b++) {
        int from = b * bytes();
        float d = half(source, from);
        for (int i = 0; i < QK; i++) {
          target[b * QK + i] = d * source[from + Short.BYTES + i];
        }
      }
    }
  },

  /** Scale d (float16), 32 nibbles q, the low halves first: d (q − 8). */
  Q4_0(BlockCodec.QK, Short.BYTES + BlockCodec.QK / 2) {
    @Override
    void decode(byte[] source, int blocks, float[] target) {
      for (int b = 0; b < blocks; b++) {
        int from = b * bytes();
        float d = half(source, from);
        for (int i = 0; i < QK / 2; i++) {
          int pair = source[from + Short.BYTES + i];
          target[b * QK + i] = d * ((pair & 0xF) - 8);
          target[b * QK + QK / 2 + i] = d * (((pair >> 4) & 0xF) - 8);
        }
      }
    }
  },

  /** Scale d and minimum m (float16), 32 nibbles q, the low halves first: d q + m. */
  Q4_1(BlockCodec.QK, 2 * Short.BYTES + BlockCodec.QK / 2) {
    @Override
    void decode(byte[] source, int blocks, float[] target) {
      for (int b = 0; b < blocks; b++) {
        int from = b * bytes();
        float d = half(source, from);
        float m = half(source, from + Short.BYTES);
        for (int i = 0; i < QK / 2; i++) {
          int pair = source[from + 2 * Short.BYTES + i];
          target[b * QK + i] = d * (pair & 0xF) + m;
          target[b * QK + QK / 2 + i] = d * ((pair >> 4) & 0xF) + m;
        }
      }
    }
  },

  /** Scale d (float16), 32 fifth bits, 32 nibbles, which make q: d (q − 16). */
  Q5_0(BlockCodec.QK, Short.BYTES + BlockCodec.QK / 8 + BlockCodec.QK / 2) {
    @Override
    void decode(byte[] source, int blocks, float[] target) {
      for (int b = 0; b < blocks; b++) {
        int from = b * bytes();
        float d = half(source, from);
        for (int i = 0; i < QK; i++) {
          target[b * QK + i] = d * (fiveBits(source, from + Short.BYTES, i) - 16);
        }
      }
    }
  },

  /** Scale d and minimum m (float16), 32 fifth bits, 32 nibbles, which make q: d q + m. */
  Q5_1(BlockCodec.QK, 2 * Short.BYTES + BlockCodec.QK / 8 + BlockCodec.QK / 2) {
    @Override
    void decode(byte[] source, int blocks, float[] target) {
      for (int b = 0; b < blocks; b++) {
        int from = b * bytes();
        float d = half(source, from);
        float m = half(source, from + Short.BYTES);
        for (int i = 0; i < QK; i++) {
          target[b * QK + i] = d * fiveBits(source, from + 2 * Short.BYTES, i) + m;
        }
      }
    }
  },

  IQ4_NL(NonLinearQuants.SMALL_ELEMENTS, NonLinearQuants.SMALL_BYTES) {
    @Override
    void decode(byte[] source, int blocks, float[] target) {
      NonLinearQuants.decodeSmall(source, blocks, target);
    }
  },

  IQ4_XS(NonLinearQuants.ELEMENTS, NonLinearQuants.BYTES) {
    @Override
    void decode(byte[] source, int blocks, float[] target) {
      NonLinearQuants.decodeSuper(source, blocks, target);
    }
  },

  Q2_K(KQuants.ELEMENTS, KQuants.Q2_BYTES) {
    @Override
    void decode(byte[] source, int blocks, float[] target) {
      KQuants.decodeQ2(source, blocks, target);
    }
  },

  Q3_K(KQuants.ELEMENTS, KQuants.Q3_BYTES) {
    @Override
    void decode(byte[] source, int blocks, float[] target) {
      KQuants.decodeQ3(source, blocks, target);
    }
  },

  Q4_K(KQuants.ELEMENTS, KQuants.Q4_BYTES) {
    @Override
    void decode(byte[] source, int blocks, float[] target) {
      KQuants.decodeQ4(source, blocks, target);
    }
  },

  Q5_K(KQuants.ELEMENTS, KQuants.Q5_BYTES) {
    @Override
    void decode(byte[] source, int blocks, float[] target) {
      KQuants.decodeQ5(source, blocks, target);
    }
  },

  Q6_K(KQuants.ELEMENTS, KQuants.Q6_BYTES) {
    @Override
    void decode(byte[] source, int blocks, float[] target) {
      KQuants.decodeQ6(source, blocks, target);
    }
  };

  /** Elements of a block of the types without K ({@code QK4_0}, {@code QK5_0} and so on). */
  static final int QK = 32;

  private static final VarHandle SHORT =
      MethodHandles.byteArrayViewVarHandle(short[].class, ByteOrder.LITTLE_ENDIAN);
  private static final VarHandle FLOAT =
      MethodHandles.byteArrayViewVarHandle(float[].class, ByteOrder.LITTLE_ENDIAN);

  private final int elements;
  private final int bytes;

  BlockCodec(int elements, int bytes) {
    this.elements = elements;
    this.bytes = bytes;
  }

  /** Elements in a block; a tensor's innermost dimension is a multiple of it. */
  int elements() {
    return elements;
  }

  /** Bytes of a block. */
  int bytes() {
    return bytes;
  }

  /**
   * Turns the first {@code blocks} blocks of {@code source} into the first {@code blocks ×
   * elements()} values of {@code target}.
   */
  abstract void decode(byte[] source, int blocks, float[] target);

  /** The nibble of value i, the low halves first, after the four bytes with the fifth bits. */
  private static int fiveBits(byte[] source, int at, int i) {
    int nibble = source[at + QK / 8 + i % (QK / 2)] >> (4 * (i / (QK / 2))) & 0xF;
    return nibble | (source[at + i / 8] >> (i % 8) & 1) << 4;
  }

  /** The float16 number at a byte, as float32. */
  static float half(byte[] source, int at) {
    return Float.float16ToFloat((short) SHORT.get(source, at));
  }
}
