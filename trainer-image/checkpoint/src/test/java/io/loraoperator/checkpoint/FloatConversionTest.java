package io.loraoperator.checkpoint;

import static org.assertj.core.api.Assertions.assertThat;

import io.loraoperator.torch.DType;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

class FloatConversionTest {

  @ParameterizedTest
  @EnumSource(
      value = ElementType.class,
      names = {"F16", "BF16"})
  void everySixteenBitValueSurvivesFloat32(ElementType type) {
    MemorySegment all = Arena.ofAuto().allocate(2 << 16, FloatConversion.ALIGNMENT);
    for (int bits = 0; bits < 1 << 16; bits++) {
      all.setAtIndex(ValueLayout.JAVA_SHORT, bits, (short) bits);
    }
    DType dtype = type == ElementType.F16 ? DType.FLOAT16 : DType.BFLOAT16;

    MemorySegment floats = FloatConversion.convert(all, type, DType.FLOAT32, Arena.ofAuto());
    MemorySegment back = FloatConversion.convert(floats, ElementType.F32, dtype, Arena.ofAuto());

    for (int bits = 0; bits < 1 << 16; bits++) {
      float value = floats.getAtIndex(ValueLayout.JAVA_FLOAT, bits);
      if (Float.isNaN(value)) {
        float again =
            FloatConversion.convert(back.asSlice(2L * bits, 2), type, DType.FLOAT32, Arena.ofAuto())
                .get(ValueLayout.JAVA_FLOAT, 0);
        assertThat(again).isNaN();
      } else {
        assertThat(back.getAtIndex(ValueLayout.JAVA_SHORT, bits)).isEqualTo((short) bits);
      }
    }
  }

  @ParameterizedTest
  @CsvSource({
    "0x3F800000, 3F80", // 1
    "0x3F808000, 3F80", // a tie goes to the even neighbour below
    "0x3F818000, 3F82", // and above
    "0x3F808001, 3F81", // just over the tie
    "0x7F7FFFFF, 7F80", // the largest float rounds to infinity
    "0xFF800000, FF80", // minus infinity
    "0x7F800001, 7FC0", // a NaN whose payload is cut off stays one
    "0x80000000, 8000" // minus zero
  })
  void bfloat16RoundsToNearestEven(String floatBits, String expected) {
    float value = Float.intBitsToFloat((int) Long.decode(floatBits).longValue());

    assertThat(String.format("%04X", FloatConversion.floatToBfloat16(value) & 0xFFFF))
        .isEqualTo(expected);
  }

  @Test
  void doublesAreRead() {
    MemorySegment source = MemorySegment.ofArray(new double[] {1.5, -0.1, 1e300});

    MemorySegment floats =
        FloatConversion.convert(source, ElementType.F64, DType.FLOAT32, Arena.ofAuto());

    assertThat(floats.toArray(ValueLayout.JAVA_FLOAT))
        .containsExactly(1.5f, -0.1f, Float.POSITIVE_INFINITY);
  }

  @Test
  void conversionInParallelKeepsEveryElementInItsPlace() {
    float[] values = new float[100_003];
    for (int i = 0; i < values.length; i++) {
      values[i] = i % 256;
    }

    MemorySegment halves =
        FloatConversion.convert(
            MemorySegment.ofArray(values), ElementType.F32, DType.FLOAT16, Arena.ofAuto());
    MemorySegment back =
        FloatConversion.convert(halves, ElementType.F16, DType.FLOAT32, Arena.ofAuto());

    assertThat(back.toArray(ValueLayout.JAVA_FLOAT)).containsExactly(values);
  }
}
