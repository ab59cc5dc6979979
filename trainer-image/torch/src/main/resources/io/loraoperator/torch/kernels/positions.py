# Where tokens stand: rotary frequencies and tables (Su et al., 2021), rows of learned positions, and causal
# masks. Angles are float32, computed as transformers does; R of a head's D channels are turned, the first.

def inverse_frequencies(self, theta: float, r: int, device: str) -> Tensor:
  # theta^(-2 i / R), [R / 2]
  return torch.reciprocal(torch.pow(theta, torch.arange(0, r, 2, dtype=4, device=torch.device(device)).to(6) / r))

def linear_frequencies(self, inverse: Tensor, factor: float) -> Tensor:
  return inverse / factor

def llama3_frequencies(self, inverse: Tensor, factor: float, low: float, high: float, original: int) -> Tensor:
  # wavelengths beyond original / low are divided by the factor, below original / high kept, others interpolated
  wave = torch.reciprocal(inverse) * (2. * 3.141592653589793)
  scaled = torch.where(wave > original / low, inverse / factor, inverse)
  smooth = (torch.reciprocal(wave) * original - low) / (high - low)
  between = (1. - smooth) * scaled / factor + smooth * scaled
  return torch.where(torch.logical_or(wave < original / high, wave > original / low), scaled, between)

def yarn_frequencies(self, inverse: Tensor, factor: float, low: float, high: float) -> Tensor:
  # pairs up to low are kept, from high on divided by the factor, between them both in proportion
  index = torch.cumsum(torch.ones_like(inverse), 0) - 1.
  divided = torch.clamp((index - low) / (high - low), 0., 1.)
  return inverse / factor * divided + inverse * (1. - divided)

def longrope_frequencies(self, theta: float, r: int, factors: Tensor) -> Tensor:
  return torch.reciprocal(factors * torch.pow(theta, torch.arange(0, r, 2, dtype=4, device=ops.prim.device(factors)).to(6) / r))

def rotary_tables(self, inverse: Tensor, factor: float, length: int, dtype: int) -> List[Tensor]:
  # cos, sin [length, R / 2], both times a factor
  angles = torch.arange(length, dtype=4, device=ops.prim.device(inverse)).to(6).unsqueeze(1) * inverse.unsqueeze(0)
  return [(torch.cos(angles) * factor).to(dtype), (torch.sin(angles) * factor).to(dtype)]

def causal_mask(self, length: int, window: int, dtype: int, device: str) -> Tensor:
  # 0 where a query may look, -inf above the diagonal and, where there is a window, from so far below it
  hidden = torch.full([length, length], -inf, dtype=dtype, device=torch.device(device))
  mask = torch.triu(hidden, 1)
  if window > 0:
    mask.add_(torch.tril(hidden, -window))
  return mask

def rows_of(self, tables: List[Tensor], lengths: List[int]) -> Tensor:
  # for each length the first rows of its table: [N, W]
  parts = annotate(List[Tensor], [])
  for i in range(len(lengths)):
    parts.append(tables[i][:lengths[i]])
  return torch.cat(parts)

def place_positions_(self, target: Tensor, source: Tensor, offset: int) -> None:
  n = source.size(0) - offset
  target[:n].copy_(source[offset:])
  return None

def table_rows(self, table: Tensor, start: int, count: int) -> Tensor:
  return torch.narrow(table, 0, start, count)

def heads_apart(self, x: Tensor) -> Tensor:
  # [N, W] -> [N, 1, W]
  return x.unsqueeze(1)

def turn(self, x: Tensor, cos: Tensor, sin: Tensor, sign: float, y: Tensor) -> None:
  # x [N, heads, D] -> y, its first R channels turned by the angle (sign 1) or back (sign -1); cos, sin [N, 1, R / 2]
  r = 2 * cos.size(2)
  if r > 0:
    self.rotate(x[:, :, :r], cos, sin, sign, y[:, :, :r])
  if r < x.size(2):
    y[:, :, r:].copy_(x[:, :, r:])
  return None
