# Linear maps with low-rank adapters (Hu et al., 2021): y = W x + s B A x.
# N tokens, C inputs, O outputs, R the ranks of all members together. Several linears that read the
# same input are members of one: their rows are stacked in W, their A in a, their B block-diagonal.
# wide [O, C + R] = [W | s B], so one product gives base and adapter; the input has R trailing columns.

def by_onednn(self, x: Tensor) -> bool:
  # float32 on a CPU: the BLAS behind mm uses half of AVX-512's width on processors of another make
  return ops.prim.dtype(x) == 6 and ops.prim.device(x).type == "cpu"

def product(self, x: Tensor, w: Tensor) -> Tensor:
  # x [N, C], w [O, C], either row-major or its transpose -> x w^T [N, O]
  if self.by_onednn(x):
    return ops.mkldnn._linear_pointwise(x, w, None, "none", annotate(List[Optional[number]], []), "")
  else:
    return torch.mm(x, torch.t(w))

def linear(self, x: Tensor, wide: Tensor) -> Tensor:
  return self.product(x, wide)

def linear_add(self, residual: Tensor, x: Tensor, wide: Tensor) -> Tensor:
  if self.by_onednn(x):
    return self.product(x, wide).add_(residual)
  else:
    return torch.addmm(residual, x, torch.t(wide))

def lora_inputs(self, x: Tensor, a: Tensor) -> None:
  # fills the trailing columns of x [N, C + R] with x A^T
  c = a.size(1)
  torch.mm(x[:, :c], torch.t(a), out=x[:, c:])
  return None

def lora_inputs_dropout(self, x: Tensor, a: Tensor, keep: List[Tensor], ranks: List[int], scale: float) -> None:
  # the same of what each member keeps of x; keep [N, C] is 0 or 1, scale 1 / (1 - p)
  c = a.size(1)
  o = 0
  for i in range(len(keep)):
    r = ranks[i]
    torch.mm(torch.mul(x[:, :c], keep[i]), torch.t(a[o:o + r]), out=x[:, c + o:c + o + r])
    o = o + r
  x[:, c:].mul_(scale)
  return None

def transposed_product(self, x: Tensor, y: Tensor) -> Tensor:
  # x [N, R], y [N, O] and contiguous -> x^T y [R, O]
  return self.product(torch.t(x).contiguous(), torch.t(y))

def linear_backward(self, dy: Tensor, wide: Tensor) -> Tensor:
  return self.product(dy, torch.t(wide))

def lora_b_gradients(self, dy: Tensor, x: Tensor, db: List[Tensor], rows: List[int], ranks: List[int], c: int, s: float) -> None:
  # member i has the rows [rows[2i], rows[2i + 1]) of y and ranks[i] of the trailing columns of x; one
  # product of all members, of which the blocks on the diagonal count
  p = self.transposed_product(x[:, c:], dy)
  o = 0
  for i in range(len(db)):
    db[i].add_(torch.t(p[o:o + ranks[i], rows[2 * i]:rows[2 * i + 1]]), alpha=s)
    o = o + ranks[i]
  return None

def lora_linear_backward(self, dy: Tensor, x: Tensor, wide: Tensor, a: Tensor, da: Tensor, db: List[Tensor], rows: List[int], ranks: List[int], s: float, need: bool) -> Tensor:
  # dy [N, O] -> dx [N, C] (a view); only the trailing part is computed unless dx is needed
  c = a.size(1)
  self.lora_b_gradients(dy, x, db, rows, ranks, c, s)
  if need:
    d = self.product(dy, torch.t(wide))
    low = d[:, c:]
    da.add_(self.transposed_product(low, x)[:, :c])
    dx = d[:, :c]
    dx.addmm_(low, a)
    return dx
  else:
    low = torch.mm(dy, wide[:, c:])
    da.add_(self.transposed_product(low, x)[:, :c])
    return low

def lora_linear_backward_dropout(self, dy: Tensor, x: Tensor, wide: Tensor, a: Tensor, da: Tensor, db: List[Tensor], rows: List[int], ranks: List[int], s: float, keep: List[Tensor], scale: float) -> Tensor:
  c = a.size(1)
  self.lora_b_gradients(dy, x, db, rows, ranks, c, s)
  d = self.product(dy, torch.t(wide))
  dx = d[:, :c]
  o = 0
  for i in range(len(keep)):
    r = ranks[i]
    low = torch.mul(d[:, c + o:c + o + r], scale)
    da[o:o + r].add_(self.transposed_product(low, torch.mul(x[:, :c], keep[i])))
    dx.add_(torch.mm(low, a[o:o + r]).mul_(keep[i]))
    o = o + r
  return dx

def place_(self, target: Tensor, source: Tensor, row: int) -> None:
  target[row:row + source.size(0), :source.size(1)].copy_(source)
  return None

def refresh_lora_(self, wide: Tensor, b: List[Tensor], rows: List[int], c: int, s: float) -> None:
  # writes s B of each member into its rows and columns of wide
  o = c
  for i in range(len(b)):
    r = b[i].size(1)
    wide[rows[2 * i]:rows[2 * i + 1], o:o + r].copy_(torch.mul(b[i], s))
    o = o + r
  return None

def vector_view(self, flat: Tensor, offset: int, elements: int) -> Tensor:
  return torch.narrow(flat, 0, offset, elements)

def matrix_view(self, flat: Tensor, offset: int, rows: int, columns: int) -> Tensor:
  return torch.view(torch.narrow(flat, 0, offset, rows * columns), [rows, columns])
