# What stands between the linear maps of an MLP, besides SwiGLU (see mlp.py). F channels. Forward: [N, F] or
# [N, 2 F] -> [N, F + room], whose trailing columns belong to the consumer, and what the backward pass may use again.
# Backward: dy [N, F], may be overwritten, the input and that.

def geglu_tanh(self, gate_up: Tensor, room: int) -> List[Tensor]:
  # gelu(gate) * up (Shazeer, 2020), gelu by its approximation
  f = gate_up.size(1) // 2
  buffer = torch.new_empty(gate_up, [gate_up.size(0), f + room])
  s = torch.gelu(gate_up[:, :f], approximate="tanh")
  torch.mul(s, gate_up[:, f:], out=buffer[:, :f])
  return [buffer, s]

def geglu_tanh_backward(self, dy: Tensor, gate_up: Tensor, s: Tensor) -> Tensor:
  f = gate_up.size(1) // 2
  d = torch.empty_like(gate_up)
  torch.mul(dy, s, out=d[:, f:])
  dy.mul_(gate_up[:, f:])
  d[:, :f].copy_(torch.gelu_backward(dy, gate_up[:, :f], approximate="tanh"))
  return d

def relu(self, x: Tensor, room: int) -> List[Tensor]:
  y = torch.relu(x)
  return [self.with_room(y, room), y]

def relu_backward(self, dy: Tensor, x: Tensor, y: Tensor) -> Tensor:
  return torch.threshold_backward(dy, y, 0.)

def gelu(self, x: Tensor, room: int) -> List[Tensor]:
  # x Phi(x) (Hendrycks and Gimpel, 2016)
  y = torch.gelu(x)
  return [self.with_room(y, room), y]

def gelu_backward(self, dy: Tensor, x: Tensor, y: Tensor) -> Tensor:
  return torch.gelu_backward(dy, x)

def gelu_tanh(self, x: Tensor, room: int) -> List[Tensor]:
  y = torch.gelu(x, approximate="tanh")
  return [self.with_room(y, room), y]

def gelu_tanh_backward(self, dy: Tensor, x: Tensor, y: Tensor) -> Tensor:
  return torch.gelu_backward(dy, x, approximate="tanh")
