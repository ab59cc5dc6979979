# SwiGLU (Shazeer, 2020): silu(gate) * up, F channels each.

def swiglu(self, gate_up: Tensor, room: int) -> List[Tensor]:
  # [N, 2 F] -> [N, F + room], whose trailing columns belong to the consumer, and silu(gate) [N, F]
  f = gate_up.size(1) // 2
  buffer = torch.new_empty(gate_up, [gate_up.size(0), f + room])
  s = torch.silu(gate_up[:, :f])
  torch.mul(s, gate_up[:, f:], out=buffer[:, :f])
  return [buffer, s]

def swiglu_backward(self, dy: Tensor, gate_up: Tensor, s: Tensor) -> Tensor:
  # dy [N, F], overwritten; s = silu(gate) -> d gate_up [N, 2 F]
  f = gate_up.size(1) // 2
  d = torch.empty_like(gate_up)
  torch.mul(dy, s, out=d[:, f:])
  dy.mul_(gate_up[:, f:])
  ops.aten.silu_backward(dy, gate_up[:, :f], grad_input=d[:, :f])
  return d
