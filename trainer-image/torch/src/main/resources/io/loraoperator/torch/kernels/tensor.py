# What tensors themselves are made with.

def empty(self, shape: List[int], dtype: int) -> Tensor:
  return torch.empty(shape, dtype=dtype)

def zero_(self, x: Tensor) -> None:
  torch.zero_(x)
  return None

def contiguous(self, x: Tensor) -> Tensor:
  return torch.contiguous(x)

def scalar_type(self, x: Tensor) -> float:
  return float(ops.prim.dtype(x))
