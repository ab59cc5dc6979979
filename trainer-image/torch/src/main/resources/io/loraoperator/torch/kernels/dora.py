# Weight-decomposed low-rank adaptation (Liu et al., 2024, DoRA): y = g * (W + s B A) x, g = m / |W + s B A|, where m
# and the norms have a number for each row. The norms are constants to the gradient (section 4.3). With dropout only
# what changes W sees the dropped input x': y = W x + (g - 1) * W x' + g * s B A x'. Names are those of linear.py.

def row_norms_(self, norms: Tensor, wide: Tensor, a: Tensor, rows: List[int], ranks: List[int]) -> None:
  # norms [O] float32: those of the adapted rows, so many at a time that the sum stays in the cache
  c = a.size(1)
  most = max(1, 524288 // c)
  o = 0
  for i in range(len(ranks)):
    low = a[o:o + ranks[i]].to(6)
    j = rows[2 * i]
    while j < rows[2 * i + 1]:
      k = min(j + most, rows[2 * i + 1])
      v = torch.addmm(wide[j:k, :c].to(6), wide[j:k, c + o:c + o + ranks[i]].to(6), low)
      norms[j:k].copy_(torch.linalg_vector_norm(v, 2, [-1], False))
      j = k
    o = o + ranks[i]
  return None

def copy_range_(self, target: Tensor, source: Tensor, start: int) -> None:
  target.copy_(source[start:start + target.size(0)])
  return None

def row_factors_(self, factors: Tensor, magnitudes: List[Tensor], norms: Tensor, rows: List[int]) -> None:
  for i in range(len(magnitudes)):
    factors[rows[2 * i]:rows[2 * i + 1]].copy_(torch.div(magnitudes[i], norms[rows[2 * i]:rows[2 * i + 1]]))
  return None

def magnitude_gradient_(self, dm: Tensor, dy: Tensor, v: Tensor, norms: Tensor) -> None:
  # v [N, o] is overwritten
  dm.add_(torch.sum(v.mul_(dy), [0], dtype=6).div_(norms))
  return None

def dropped(self, x: Tensor, keep: Tensor, c: int, scale: float) -> Tensor:
  # x' with the trailing columns of x
  y = torch.clone(x)
  y[:, :c].mul_(keep).mul_(scale)
  return y

def decomposed_linear(self, x: Tensor, wide: Tensor, c: int, factors: Tensor, keep: List[Tensor], rows: List[int], scale: float) -> Tensor:
  # no keep without dropout
  y = self.product(x, wide)
  if len(keep) == 0:
    y.mul_(factors)
  for i in range(len(keep)):
    j = rows[2 * i]
    k = rows[2 * i + 1]
    v = self.product(self.dropped(x, keep[i], c, scale), wide[j:k])
    y[:, j:k].add_(torch.mul(v, factors[j:k] - 1.))
  return y

def decomposed_gradient(self, dy: Tensor, x: Tensor, wide: Tensor, factors: Tensor, norms: Tensor, dm: List[Tensor], rows: List[int]) -> Tensor:
  # adds the magnitudes' gradients -> the gradient of (W + s B A) x
  y = self.product(x, wide)
  for i in range(len(dm)):
    j = rows[2 * i]
    k = rows[2 * i + 1]
    self.magnitude_gradient_(dm[i], dy[:, j:k], y[:, j:k], norms[j:k])
  return torch.mul(dy, factors, out=y)

def decomposed_backward_dropout(self, dy: Tensor, x: Tensor, wide: Tensor, a: Tensor, factors: Tensor, norms: Tensor, da: Tensor, db: List[Tensor], dm: List[Tensor], rows: List[int], ranks: List[int], s: float, keep: List[Tensor], scale: float) -> Tensor:
  # dy [N, O] -> dx [N, C] (a view)
  c = a.size(1)
  dx = self.product(dy, torch.t(wide))[:, :c]
  o = 0
  for i in range(len(keep)):
    j = rows[2 * i]
    k = rows[2 * i + 1]
    r = ranks[i]
    w = wide[j:k]
    dyi = dy[:, j:k]
    xi = self.dropped(x, keep[i], c, scale)
    self.magnitude_gradient_(dm[i], dyi, self.product(xi, w), norms[j:k])
    dz = torch.mul(dyi, factors[j:k]).to(ops.prim.dtype(x))
    low = torch.mm(dz, w[:, c + o:c + o + r])
    da[o:o + r].add_(self.transposed_product(low, xi)[:, :c])
    db[i].add_(torch.t(self.transposed_product(x[:, c + o:c + o + r], dz)), alpha=s)
    dxi = self.product(dz.sub_(dyi), torch.t(w))[:, :c]
    dx.add_(dxi.addmm_(low, a[o:o + r]).mul_(keep[i]).mul_(scale))
    o = o + r
  return dx
