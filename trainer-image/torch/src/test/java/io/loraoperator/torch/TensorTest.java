package io.loraoperator.torch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class TensorTest {

  private static final Kernels K =
      Kernels.compile(
          "test",
          """
          def double(self, x: Tensor) -> Tensor:
            return x * 2

          def transposed(self, x: Tensor) -> Tensor:
            return torch.t(x)

          def sum_of(self, xs: List[Tensor], groups: List[List[int]], scale: float, on: bool) -> Tensor:
            assert len(xs) > 0, "needs a tensor"
            y = torch.zeros_like(xs[0])
            for x in xs:
              y = y + x
            n = 0
            for g in groups:
              for i in g:
                n = n + i
            if on:
              y = y * scale + n
            return y

          def recording(self) -> float:
            return 1. if torch.is_grad_enabled() else 0.

          def split(self, x: Tensor) -> List[Tensor]:
            return torch.split(x, 1, 0)
          """);

  @ParameterizedTest
  @EnumSource(DType.class)
  void everyElementTypeRoundTripsItsBytes(DType dtype) {
    byte[] bytes = new byte[6 * dtype.bytes()];
    for (int i = 0; i < bytes.length; i++) {
      bytes[i] = (byte) (dtype == DType.BOOL ? i % 2 : i + 1);
    }
    MemorySegment data = Arena.ofAuto().allocate(bytes.length, 8);
    data.copyFrom(MemorySegment.ofArray(bytes));
    HostTensor host = new HostTensor(dtype, new long[] {2, 3}, data);
    try (Tensor copy = Tensor.copyOf(host);
        Tensor view = Tensor.wrap(host)) {
      assertThat(copy.dtype()).isEqualTo(dtype);
      assertThat(copy.shape()).containsExactly(2, 3);
      assertThat(copy.toHost().data().toArray(ValueLayout.JAVA_BYTE)).isEqualTo(bytes);
      assertThat(view.dtype()).isEqualTo(dtype);
      assertThat(view.toHost().data().toArray(ValueLayout.JAVA_BYTE)).isEqualTo(bytes);
    }
  }

  @Test
  void aWrappedTensorReadsTheHostsMemory() {
    MemorySegment data = Arena.ofAuto().allocate(8, 8);
    try (Tensor view = Tensor.wrap(new HostTensor(DType.FLOAT32, new long[] {2}, data))) {
      data.setAtIndex(ValueLayout.JAVA_FLOAT, 1, 7);
      assertThat(view.toFloats()).containsExactly(0, 7);
    }
  }

  @Test
  void argumentsOfEveryKindArrive() {
    try (TensorScope scope = new TensorScope()) {
      Tensor a = scope.own(Tensor.of(new float[] {1, 2}, 2));
      Tensor y =
          K.tensor(
              scope,
              "sum_of",
              List.of(a, a, a),
              List.of(new long[] {1, 2}, new long[] {4}),
              10.0,
              true);
      assertThat(y.toFloats()).containsExactly(37, 67);
    }
  }

  @Test
  void aTransposedViewIsReadRowMajor() {
    try (TensorScope scope = new TensorScope()) {
      Tensor x = scope.own(Tensor.of(new float[] {1, 2, 3, 4, 5, 6}, 2, 3));
      Tensor t = K.tensor(scope, "transposed", x);
      assertThat(t.shape()).containsExactly(3, 2);
      assertThat(t.toFloats()).containsExactly(1, 4, 2, 5, 3, 6);
      assertThatThrownBy(() -> t.copyFrom(MemorySegment.ofArray(new float[6])))
          .isInstanceOf(IllegalArgumentException.class);
    }
  }

  @Test
  void noThreadRecordsAnAutogradGraph() throws InterruptedException {
    double[] seen = {-1, -1};
    seen[0] = K.number("recording");
    Thread other = new Thread(() -> seen[1] = K.number("recording"));
    other.start();
    other.join();
    assertThat(seen).containsExactly(0, 0);
  }

  @Test
  void failuresNameTheKernel() {
    assertThatThrownBy(() -> K.run("sum_of", List.of(), List.of(new long[] {1}), 1.0, true))
        .isInstanceOf(TorchException.class)
        .hasMessageContaining("test.sum_of")
        .hasMessageContaining("needs a tensor");
    assertThatThrownBy(() -> K.run("nothing")).isInstanceOf(TorchException.class);
    assertThatThrownBy(
            () -> Kernels.compile("bad", "def f(self) -> int:\n  return torch.nope(1)\n"))
        .isInstanceOf(TorchException.class)
        .hasMessageContaining("bad");
    assertThatThrownBy(() -> Kernels.load("absent")).hasMessageContaining("absent.py");
    assertThatThrownBy(() -> K.run("double", "text"))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("java.lang.String");
  }

  @Test
  void outOfMemoryIsToldApart() {
    assertThatThrownBy(() -> Tensor.empty(DType.FLOAT32, 1L << 50))
        .isInstanceOfSatisfying(TorchException.class, e -> assertThat(e.isOutOfMemory()).isTrue());
    assertThatThrownBy(() -> K.run("nothing"))
        .isInstanceOfSatisfying(TorchException.class, e -> assertThat(e.isOutOfMemory()).isFalse());
  }

  @Test
  void aClosedTensorIsRefused() {
    Tensor x = Tensor.of(new float[] {1}, 1);
    x.close();
    x.close();
    assertThatThrownBy(() -> K.run("double", x))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("closed");
  }

  @Test
  void scopesReleaseWhatWasMadeInThem() {
    long before = Tensor.open();
    try (TensorScope outer = new TensorScope()) {
      Tensor kept;
      try (TensorScope inner = new TensorScope()) {
        Tensor x = inner.own(Tensor.of(new float[] {1, 2}, 2));
        K.tensors(inner, "split", x);
        kept = inner.moveTo(outer, K.tensor(inner, "double", x));
      }
      assertThat(kept.toFloats()).containsExactly(2, 4);
      assertThat(Tensor.open()).isEqualTo(before + 1);
    }
    assertThat(Tensor.open()).isEqualTo(before);
  }
}
