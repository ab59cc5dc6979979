# Four-bit NormalFloat (Dettmers et al., 2023): blocks of a weight, flattened, are divided by their largest
# magnitude and rounded to 16 quantiles of a normal distribution, two in a byte, the first in the high bits.
# The numbers are bitsandbytes' to the bit. n weights, B in a block, b = ceil(n / B) blocks.

def normal_float(self, device: str) -> Tensor:
  return torch.tensor([-1., -0.6961928009986877, -0.5250730514526367, -0.39491748809814453, -0.28444138169288635, -0.18477343022823334, -0.09105003625154495, 0., 0.07958029955625534, 0.16093020141124725, 0.24611230194568634, 0.33791524171829224, 0.44070982933044434, 0.5626170039176941, 0.7229568362236023, 1.], dtype=6, device=torch.device(device))

def normal_float_pairs(self, device: str) -> Tensor:
  # the two values of each byte as one complex number: half as many look-ups, each of which is vectorised
  code = self.normal_float(device)
  return torch.complex(torch.repeat_interleave(code, 16), torch.tile(code, [16]))

def dynamic_float(self, device: str) -> Tensor:
  # signed 8-bit numbers with a fraction that is the finer the larger they are (Dettmers, 2016)
  parts = [torch.tensor([0., 1.], dtype=6, device=torch.device(device))]
  count = 1
  for unit in [1.0e-06, 1.0e-05, 1.0e-04, 1.0e-03, 1.0e-02, 1.0e-01, 1.]:
    bounds = torch.linspace(0.1, 1., count + 1, dtype=6, device=torch.device(device))
    means = torch.mul(torch.mul(bounds[:-1] + bounds[1:], 0.5), unit)
    parts += [means, torch.neg(means)]
    count = 2 * count
  return torch.sort(torch.cat(parts))[0]

def quantize(self, x: Tensor, code: Tensor, block: int) -> List[Tensor]:
  # x flat -> indices into code [n] int32, and the blocks' largest magnitudes [b] float32
  n = x.numel()
  b = (n + block - 1) // block
  padded = torch.constant_pad_nd(x.to(6), [0, b * block - n], 0.)
  blocks = torch.view(padded, [b, block])
  largest = torch.amax(torch.abs(blocks), [1])
  if b * block > n:
    largest[b - 1:].clamp_(1.0e-38)
  divisor = torch.clamp(largest, 1.0e-38).unsqueeze(1)
  scaled = torch.mul(blocks, torch.reciprocal(divisor))
  if b * block > n:
    scaled[b - 1:].copy_(torch.div(blocks[b - 1:], divisor[b - 1:]))
  scaled.clamp_(-1., 1.)
  bounds = torch.mul(code[:-1] + code[1:], 0.5)
  return [torch.bucketize(torch.flatten(scaled)[:n], bounds, out_int32=True), largest]

def quantize_normal_float(self, x: Tensor, code: Tensor, block: int) -> List[Tensor]:
  # x [O, C] -> bytes [ceil(n / 2)], scales [b] float32
  found = self.quantize(torch.flatten(x), code, block)
  n = found[0].numel()
  q = torch.constant_pad_nd(found[0], [0, n % 2], 7)
  return [torch.add(torch.mul(q[::2], 16), q[1::2]).to(0), found[1]]

def quantize_scales(self, scales: Tensor, code: Tensor) -> List[Tensor]:
  # float32 -> bytes [b], scales of their own blocks of 256, offset []: what is quantised is the distance from the mean
  offset = torch.mean(scales)
  found = self.quantize(scales - offset, code, 256)
  return [found[0].to(0), found[1], offset]

def dequantize_scales(self, q: Tensor, scales: Tensor, offset: Tensor, code: Tensor) -> Tensor:
  b = q.numel()
  s = torch.repeat_interleave(scales, 256)[:b]
  return torch.mul(torch.index_select(code, 0, q.to(3)), s).add_(offset)

def dequantization_scratch(self, pairs: int, device: str) -> List[Tensor]:
  # what dequantisation works in: indices and values of so many pairs of weights
  return [torch.empty([pairs], dtype=3, device=torch.device(device)), torch.empty([pairs], dtype=9, device=torch.device(device))]

def dequantize_(self, wide: Tensor, row: int, o: int, c: int, packed: Tensor, scales: Tensor, pairs: Tensor, block: int, scratch: List[Tensor]) -> None:
  # writes o rows of c weights into wide [., C + R] from its row on
  target = wide[row:row + o, :c]
  if c % block == 0:
    # as many rows at a time as the scratch holds
    blocks = c // block
    most = 2 * scratch[0].size(0) // c
    s = torch.view(scales, [o, blocks, 1])
    i = 0
    while i < o:
      j = min(i + most, o)
      index = scratch[0][:(j - i) * c // 2]
      value = scratch[1][:(j - i) * c // 2]
      index.copy_(packed[i * c // 2:j * c // 2])
      torch.index_select(pairs, 0, index, out=value)
      torch.mul(torch.view(torch.view_as_real(value), [j - i, blocks, block]), s[i:j], out=torch.unflatten(target[i:j], 1, [blocks, block]))
      i = j
  else:
    # blocks run on over rows
    n = o * c
    value = torch.flatten(torch.view_as_real(torch.index_select(pairs, 0, packed.to(3))))[:n]
    value.mul_(torch.repeat_interleave(scales, block)[:n])
    target.copy_(torch.view(value, [o, c]))
  return None

def zero_columns_(self, wide: Tensor, c: int) -> None:
  wide[:, c:].zero_()
  return None

def transposed(self, x: Tensor) -> Tensor:
  return torch.t(x).contiguous()
