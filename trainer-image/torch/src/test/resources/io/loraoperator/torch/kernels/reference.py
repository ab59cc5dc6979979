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
  w1 = self.leaf(weight)
  y = torch.cross_entropy_loss(torch.matmul(x1, torch.t(w1)), targets, None, 2)
  return [torch.detach(y)] + self.gradients(y * scale, torch.ones([]), [x1, w1])

def embedding_reference(self, weight: Tensor, ids: Tensor, scale: float, dy: Tensor) -> List[Tensor]:
  torch.set_grad_enabled(True)
  w1 = self.leaf(weight)
  y = torch.embedding(w1, ids) * scale
  return [torch.detach(y)] + self.gradients(y, dy, [w1])

def layer_norm_reference(self, x: Tensor, weight: Tensor, bias: Tensor, eps: float, dy: Tensor) -> List[Tensor]:
  torch.set_grad_enabled(True)
  x1 = self.leaf(x)
  centred = x1 - torch.mean(x1, [-1], True)
  y = centred * torch.rsqrt(torch.mean(centred * centred, [-1], True) + eps) * weight + bias
  return [torch.detach(y)] + self.gradients(y, dy, [x1])

def head_norm_reference(self, qkv: Tensor, query: Tensor, key: Tensor, eps: float, heads: int, kv_heads: int, dy: Tensor) -> List[Tensor]:
  # one head after the other
  torch.set_grad_enabled(True)
  x1 = self.leaf(qkv)
  d = query.size(0)
  parts = annotate(List[Tensor], [])
  for h in range(heads + 2 * kv_heads):
    x = x1[:, h * d:(h + 1) * d]
    if h < heads + kv_heads:
      x = x * torch.rsqrt(torch.mean(x * x, [-1], True) + eps)
      if h < heads:
        x = x * query
      else:
        x = x * key
    parts.append(x)
  y = torch.cat(parts, 1)
  return [torch.detach(y)] + self.gradients(y, dy, [x1])

def phi(self, x: Tensor) -> Tensor:
  # what gelu multiplies x with
  return 0.5 * (1. + torch.erf(x * 0.7071067811865476))

def phi_tanh(self, x: Tensor) -> Tensor:
  return 0.5 * (1. + torch.tanh(0.7978845608028654 * (x + 0.044715 * x * x * x)))

def relu_reference(self, x: Tensor, dy: Tensor) -> List[Tensor]:
  torch.set_grad_enabled(True)
  x1 = self.leaf(x)
  y = x1 * (x1 > 0.).to(6)
  return [torch.detach(y)] + self.gradients(y, dy, [x1])

def gelu_reference(self, x: Tensor, dy: Tensor) -> List[Tensor]:
  torch.set_grad_enabled(True)
  x1 = self.leaf(x)
  y = x1 * self.phi(x1)
  return [torch.detach(y)] + self.gradients(y, dy, [x1])

def gelu_tanh_reference(self, x: Tensor, dy: Tensor) -> List[Tensor]:
  torch.set_grad_enabled(True)
  x1 = self.leaf(x)
  y = x1 * self.phi_tanh(x1)
  return [torch.detach(y)] + self.gradients(y, dy, [x1])

def geglu_tanh_reference(self, x: Tensor, dy: Tensor) -> List[Tensor]:
  torch.set_grad_enabled(True)
  x1 = self.leaf(x)
  f = x.size(1) // 2
  gate = x1[:, :f]
  y = gate * self.phi_tanh(gate) * x1[:, f:]
  return [torch.detach(y)] + self.gradients(y, dy, [x1])

def capped_cross_entropy_reference(self, x: Tensor, targets: Tensor, weight: Tensor, bias: Tensor, cap: float, scale: float) -> List[Tensor]:
  torch.set_grad_enabled(True)
  x1 = self.leaf(x)
  b1 = self.leaf(bias)
  logits = cap * torch.tanh((torch.matmul(x1, torch.t(weight)) + b1) / cap)
  y = torch.cross_entropy_loss(logits, targets, None, 2)
  return [torch.detach(y)] + self.gradients(y * scale, torch.ones([]), [x1, b1])

def variant_attention_reference(self, qkv: Tensor, lengths: List[int], theta: float, turned: int, heads: int, d: int, scale: float, cap: float, window: int, dy: Tensor) -> List[Tensor]:
  # as many key-value heads as query heads; the first channels of a head are turned, and a query sees a window
  torch.set_grad_enabled(True)
  x = self.leaf(qkv)
  rows = annotate(List[Tensor], [])
  s = 0
  for t in lengths:
    row = torch.view(x[s:s + t], [t, 3 * heads, d])
    qk = row[:, :2 * heads]
    if turned > 0:
      qk = torch.cat([self.turn(qk[:, :, :turned], theta), qk[:, :, turned:]], 2)
    ago = torch.arange(t).unsqueeze(1) - torch.arange(t).unsqueeze(0)
    hidden = torch.logical_or(ago < 0, ago >= window)
    outs = annotate(List[Tensor], [])
    for h in range(heads):
      scores = scale * torch.matmul(qk[:, h], torch.t(qk[:, heads + h]))
      scores = cap * torch.tanh(scores / cap)
      p = torch.softmax(torch.masked_fill(scores, hidden, -inf), -1)
      outs.append(torch.matmul(p, row[:, 2 * heads + h]))
    rows.append(torch.cat(outs, 1))
    s = s + t
  y = torch.cat(rows)
  return [torch.detach(y)] + self.gradients(y, dy, [x])

def dora_reference(self, x: Tensor, w: List[Tensor], a: List[Tensor], b: List[Tensor], m: List[Tensor], keep: List[Tensor], s: float, scale: float, dy: Tensor) -> List[Tensor]:
  # as PEFT's DoraLinearLayer -> y, dx, dA..., dB..., dm...
  torch.set_grad_enabled(True)
  x1 = self.leaf(x)
  leaves = [x1]
  for tensors in [a, b, m]:
    for t in tensors:
      leaves.append(self.leaf(t))
  n = len(w)
  ys = annotate(List[Tensor], [])
  for i in range(n):
    dropped = x1 * keep[i] * scale
    a1 = leaves[1 + i]
    b1 = leaves[1 + n + i]
    norms = torch.detach(torch.linalg_vector_norm(w[i] + s * torch.matmul(b1, a1), 2, [1], False))
    g = leaves[1 + 2 * n + i] / norms
    change = (g - 1.) * torch.matmul(dropped, torch.t(w[i])) + g * s * torch.matmul(torch.matmul(dropped, torch.t(a1)), torch.t(b1))
    ys.append(torch.matmul(x1, torch.t(w[i])) + change)
  y = torch.cat(ys, 1)
  return [torch.detach(y)] + self.gradients(y, dy, leaves)

def embedding_adapter_reference(self, weight: Tensor, a: Tensor, b: Tensor, ids: Tensor, s: float, dy: Tensor) -> List[Tensor]:
  torch.set_grad_enabled(True)
  a1 = self.leaf(a)
  b1 = self.leaf(b)
  y = torch.embedding(weight, ids) + s * torch.matmul(torch.embedding(torch.t(a1), ids), torch.t(b1))
  return [torch.detach(y)] + self.gradients(y, dy, [a1, b1])

def head_adapter_reference(self, x: Tensor, targets: Tensor, weight: Tensor, a: Tensor, b: Tensor, keep: Tensor, s: float, bias: Tensor, cap: float, scale: float) -> List[Tensor]:
  torch.set_grad_enabled(True)
  x1 = self.leaf(x)
  a1 = self.leaf(a)
  b1 = self.leaf(b)
  low = torch.matmul(x1 * keep, torch.t(a1)) * s
  logits = cap * torch.tanh((torch.matmul(x1, torch.t(weight)) + torch.matmul(low, torch.t(b1)) + bias) / cap)
  y = torch.cross_entropy_loss(logits, targets, None, 2)
  return [torch.detach(y)] + self.gradients(y * scale, torch.ones([]), [x1, a1, b1])
