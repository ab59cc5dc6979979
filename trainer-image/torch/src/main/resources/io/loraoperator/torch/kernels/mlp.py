# SwiGLU (Shazeer, 2020): silu(gate) * up, F channels each.

def swiglu(self, gate_up: Tensor, room: int) -> Tensor:
  # [N, 2 F] -> [N, F + room], whose trailing columns belong to the consumer
  f = gate_up.size(1) // 2
  buffer = torch.new_empty(gate_up, [gate_up.size(0), f + room])
  torch.mul(torch.silu(gate_up[:, :f]), gate_up[:, f:], out=buffer[:, :f])
  return buffer

def swiglu_backward(self, dy: Tensor, gate_up: Tensor) -> Tensor:
  # dy [N, F], overwritten -> d gate_up [N, 2 F]
  f = gate_up.size(1) // 2
  d = torch.empty_like(gate_up)
  gate = gate_up[:, :f]
  torch.mul(dy, torch.silu(gate), out=d[:, f:])
  dy.mul_(gate_up[:, f:])
  ops.aten.silu_backward(dy, gate, grad_input=d[:, :f])
  return d
