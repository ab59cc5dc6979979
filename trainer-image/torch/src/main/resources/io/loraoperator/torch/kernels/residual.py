# The residual stream around norms and branches. N tokens, C channels.

def with_room(self, x: Tensor, room: int) -> Tensor:
  # a copy of x [N, C] with trailing columns for the consumer
  y = torch.new_empty(x, [x.size(0), x.size(1) + room])
  y[:, :x.size(1)].copy_(x)
  return y

def change_room(self, x: Tensor, room: int, other: int) -> Tensor:
  # a copy of x [N, C + room] without its trailing columns, with others
  return self.with_room(x[:, :x.size(1) - room], other)

def sum_of(self, x: Tensor, y: Tensor) -> Tensor:
  return torch.add(x, y)

def sum_into_(self, target: Tensor, x: Tensor, y: Tensor) -> None:
  torch.add(x, y, out=target)
  return None

def zeros_like(self, x: Tensor) -> Tensor:
  return torch.zeros_like(x)

def compact(self, x: Tensor) -> Tensor:
  return torch.contiguous(x)
