# What tensors themselves are made with.

def empty(self, shape: List[int], dtype: int, device: str) -> Tensor:
  return torch.empty(shape, dtype=dtype, device=torch.device(device))

def is_on(self, x: Tensor, device: str) -> bool:
  return ops.prim.device(x).type == device

def to_host(self, x: Tensor) -> Tensor:
  return torch.contiguous(x.to(torch.device("cpu")))

def copy_(self, target: Tensor, source: Tensor) -> None:
  target.copy_(source)
  return None

def zero_(self, x: Tensor) -> None:
  torch.zero_(x)
  return None

def scalar_type(self, x: Tensor) -> float:
  return float(ops.prim.dtype(x))
