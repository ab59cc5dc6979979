# The blocks again, composed of operations that autograd differentiates: what the hand-derived
# backward passes are compared with.

def leaf(self, x: Tensor) -> Tensor:
  y = torch.detach(x)
  y.requires_grad_(True)
  return y

def gradients(self, y: Tensor, dy: Tensor, inputs: List[Tensor]) -> List[Tensor]:
  found = torch.grad([y], inputs, annotate(List[Optional[Tensor]], [dy]), None, False, False)
  result = annotate(List[Tensor], [])
  for g in found:
    if g is not None:
      result.append(g)
  torch.set_grad_enabled(False)
  return result

def norm_reference(self, x: Tensor, weight: Tensor, eps: float, dy: Tensor) -> List[Tensor]:
  torch.set_grad_enabled(True)
  x1 = self.leaf(x)
  y = x1 * torch.rsqrt(torch.mean(x1 * x1, [-1], True) + eps) * weight
  return [torch.detach(y)] + self.gradients(y, dy, [x1])

def lora_reference(self, x: Tensor, w: Tensor, a: List[Tensor], b: List[Tensor], keep: List[Tensor], s: float, scale: float, dy: Tensor) -> List[Tensor]:
  # one w for each member -> y, dx, dA..., dB...
  torch.set_grad_enabled(True)
  x1 = self.leaf(x)
  leaves = [x1]
  for t in a:
    leaves.append(self.leaf(t))
  for t in b:
    leaves.append(self.leaf(t))
  n = len(a)
  low = annotate(List[Tensor], [])
  for i in range(n):
    low.append(s * torch.matmul(torch.matmul(x1 * keep[i] * scale, torch.t(leaves[1 + i])), torch.t(leaves[1 + n + i])))
  y = torch.matmul(x1, torch.t(w)) + torch.cat(low, 1)
  return [torch.detach(y)] + self.gradients(y, dy, leaves)

def turn(self, x: Tensor, theta: float) -> Tensor:
  # x [T, heads, D]: pairs (i, i + D / 2) are turned by position * theta^(-2 i / D)
  half = x.size(2) // 2
  inverse = torch.pow(theta, torch.arange(0, half, dtype=6) * (-1. / half))
  angle = (torch.arange(x.size(0), dtype=6).unsqueeze(1) * inverse).unsqueeze(1)
  x1 = x[:, :, :half]
  x2 = x[:, :, half:]
  return torch.cat([x1 * torch.cos(angle) - x2 * torch.sin(angle), x2 * torch.cos(angle) + x1 * torch.sin(angle)], 2)

def attention_reference(self, qkv: Tensor, lengths: List[int], theta: float, heads: int, kv_heads: int, d: int, diagonal: int, dy: Tensor) -> List[Tensor]:
  # each row by itself, each head by itself; diagonal 1 is causal
  torch.set_grad_enabled(True)
  x = self.leaf(qkv)
  rows = annotate(List[Tensor], [])
  s = 0
  for t in lengths:
    row = torch.view(x[s:s + t], [t, heads + 2 * kv_heads, d])
    q = self.turn(row[:, :heads], theta)
    k = self.turn(row[:, heads:heads + kv_heads], theta)
    v = row[:, heads + kv_heads:]
    hidden = torch.triu(torch.ones([t, t]), diagonal) > 0.
    outs = annotate(List[Tensor], [])
    for h in range(heads):
      g = h // (heads // kv_heads)
      scores = torch.matmul(q[:, h], torch.t(k[:, g])) / torch.sqrt(d)
      p = torch.softmax(torch.masked_fill(scores, hidden, -inf), -1)
      outs.append(torch.matmul(p, v[:, g]))
    rows.append(torch.cat(outs, 1))
    s = s + t
  y = torch.cat(rows)
  return [torch.detach(y)] + self.gradients(y, dy, [x])

def swiglu_reference(self, gate_up: Tensor, dy: Tensor) -> List[Tensor]:
  torch.set_grad_enabled(True)
  x = self.leaf(gate_up)
  f = x.size(1) // 2
  gate = x[:, :f]
  y = gate * torch.sigmoid(gate) * x[:, f:]
  return [torch.detach(y)] + self.gradients(y, dy, [x])

def cross_entropy_reference(self, x: Tensor, targets: Tensor, weight: Tensor, scale: float) -> List[Tensor]:
  torch.set_grad_enabled(True)
  x1 = self.leaf(x)
  y = torch.cross_entropy_loss(torch.matmul(x1, torch.t(weight)), targets, None, 2)
  return [torch.detach(y)] + self.gradients(y * scale, torch.ones([]), [x1])
