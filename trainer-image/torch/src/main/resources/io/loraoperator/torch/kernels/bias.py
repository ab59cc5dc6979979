# Linear maps whose members add a bias [O] (see linear.py).

def linear_bias(self, x: Tensor, wide: Tensor, bias: Tensor) -> Tensor:
  if self.by_onednn(x):
    return ops.mkldnn._linear_pointwise(x, wide, bias, "none", annotate(List[Optional[number]], []), "")
  else:
    return torch.addmm(bias, x, torch.t(wide))

def linear_bias_add(self, residual: Tensor, x: Tensor, wide: Tensor, bias: Tensor) -> Tensor:
  return self.linear_bias(x, wide, bias).add_(residual)

def place_vector_(self, target: Tensor, source: Tensor, start: int) -> None:
  target[start:start + source.size(0)].copy_(source)
  return None

def add_column_sums_(self, sums: Tensor, x: Tensor, start: int) -> None:
  # adds those of x [N, O] from the column start on to sums [o], float32
  sums.add_(torch.sum(x[:, start:start + sums.size(0)], [0], dtype=6))
  return None

def place_transposed_(self, target: Tensor, source: Tensor, row: int) -> None:
  # source [C, O], as Conv1D stores it
  target[row:row + source.size(1), :source.size(0)].copy_(torch.t(source))
  return None
