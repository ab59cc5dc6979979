package io.loraoperator.checkpoint;

import static org.assertj.core.api.Assertions.assertThat;

import io.loraoperator.torch.DType;
import io.loraoperator.torch.HostTensor;
import java.lang.foreign.ValueLayout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class BlockCodecTest {

  @ParameterizedTest
  @EnumSource
  void decodesBitForBitAsGgufPy(BlockCodec codec) {
    try (SafetensorsReader blocks =
        SafetensorsReader.open(Fixtures.FOLDER.resolve("blocks.safetensors"))) {
      byte[] type = Fixtures.content(blocks.read(codec + ".type", DType.UINT8));
      assertThat(GgufType.byCode(type[0])).extracting(GgufType::codec).isEqualTo(codec);

      byte[] raw = Fixtures.content(blocks.read(codec + ".raw", DType.UINT8));
      HostTensor expected = blocks.read(codec + ".values", DType.FLOAT32);

      float[] values = new float[Math.toIntExact(expected.elements())];
      codec.decode(raw, values.length / codec.elements(), values);

      assertThat(raw).hasSize(values.length / codec.elements() * codec.bytes());
      assertThat(values).containsExactly(expected.data().toArray(ValueLayout.JAVA_FLOAT_UNALIGNED));
    }
  }
}
