# Causal grouped-query attention (Ainslie et al., 2023) with rotary positions (Su et al., 2021).
# H query heads, K key-value heads, G = H / K, D the head size. Rows of a batch lie one after the
# other in N tokens; only inside are they padded, to [B, ., T, .] per group of similar lengths. Scores are q k^T * scale,
# capped (see softcap.py); queries and keys are turned as positions.py says. Padding lies behind a row, so the causal
# mask hides it, and its gradient is zero.

def rotate(self, x: Tensor, cos: Tensor, sin: Tensor, sign: float, y: Tensor) -> None:
  # x [N, heads, D] -> y, turned by the angle (sign 1) or back (sign -1)
  half = x.size(2) // 2
  x1 = x[:, :, :half]
  x2 = x[:, :, half:]
  y1 = y[:, :, :half]
  y2 = y[:, :, half:]
  torch.mul(x1, cos, out=y1)
  y1.addcmul_(x2, sin, value=-sign)
  torch.mul(x2, cos, out=y2)
  y2.addcmul_(x1, sin, value=sign)
  return None

def pad(self, x: Tensor, lengths: List[int], width: int) -> Tensor:
  # [n, heads, D] -> [B, heads, T, D], zero behind each row
  y = torch.new_empty(x, [len(lengths), x.size(1), width, x.size(2)])
  s = 0
  for b in range(len(lengths)):
    t = lengths[b]
    y[b, :, :t].copy_(x[s:s + t].transpose(0, 1))
    if t < width:
      y[b, :, t:].zero_()
    s = s + t
  return y

def unpad(self, x: Tensor, lengths: List[int], out: Tensor) -> None:
  # [B, heads, T, D] -> out [n, heads, D]
  s = 0
  for b in range(len(lengths)):
    t = lengths[b]
    out[s:s + t].copy_(x[b, :, :t].transpose(0, 1))
    s = s + t
  return None

def attention(self, qkv: Tensor, cos: Tensor, sin: Tensor, mask: Tensor, groups: List[List[int]], widths: List[int], heads: int, kv_heads: int, d: int, scale: float, cap: float, room: int) -> List[Tensor]:
  # qkv [N, (H + 2 K) D] -> o [N, H D + room], then q, k, v, probabilities of each group
  n = qkv.size(0)
  g = heads // kv_heads
  x = torch.view(qkv, [n, heads + 2 * kv_heads, d])
  qk = torch.new_empty(qkv, [n, heads + kv_heads, d])
  self.turn(x[:, :heads + kv_heads], cos, sin, 1., qk)
  o = torch.new_empty(qkv, [n, heads * d + room])
  o3 = torch.unflatten(o[:, :heads * d], 1, [heads, d])
  saved = [o]
  s = 0
  for i in range(len(groups)):
    lengths = groups[i]
    t = widths[i]
    b = len(lengths)
    m = sum(lengths)
    q = torch.view(self.pad(qk[s:s + m, :heads], lengths, t), [b * kv_heads, g * t, d])
    k = torch.view(self.pad(qk[s:s + m, heads:], lengths, t), [b * kv_heads, t, d])
    v = torch.view(self.pad(x[s:s + m, heads + kv_heads:], lengths, t), [b * kv_heads, t, d])
    p = torch.new_empty(q, [b * kv_heads, g * t, t])
    torch.baddbmm(p, q, k.transpose(1, 2), beta=0., alpha=scale, out=p)
    self.cap_(p, cap)
    p4 = torch.view(p, [b * kv_heads, g, t, t])
    p4.add_(mask[:t, :t])
    ops.aten._softmax(p4, -1, False, out=p4)
    self.unpad(torch.view(torch.bmm(p, v), [b, heads, t, d]), lengths, o3[s:s + m])
    saved += [q, k, v, p]
    s = s + m
  return saved

def attention_backward(self, do: Tensor, saved: List[Tensor], cos: Tensor, sin: Tensor, groups: List[List[int]], widths: List[int], heads: int, kv_heads: int, d: int, scale: float, cap: float) -> Tensor:
  # do [N, H D] -> dqkv [N, (H + 2 K) D]; saved holds q, k, v, probabilities of each group
  n = do.size(0)
  g = heads // kv_heads
  do3 = torch.unflatten(do, 1, [heads, d])
  dqk = torch.new_empty(do, [n, heads + kv_heads, d])
  dqkv = torch.new_empty(do, [n, heads + 2 * kv_heads, d])
  s = 0
  for i in range(len(groups)):
    lengths = groups[i]
    t = widths[i]
    b = len(lengths)
    m = sum(lengths)
    q = saved[4 * i]
    k = saved[4 * i + 1]
    v = saved[4 * i + 2]
    p = saved[4 * i + 3]
    dog = torch.view(self.pad(do3[s:s + m], lengths, t), [b * kv_heads, g * t, d])
    dv = torch.bmm(p.transpose(1, 2), dog)
    ds = torch.bmm(dog, v.transpose(1, 2))
    ops.aten._softmax_backward_data(ds, p, -1, ops.prim.dtype(ds), grad_input=ds)
    self.uncap_scores_(ds, q, k, scale, cap)
    dq = torch.empty_like(q)
    dk = torch.empty_like(k)
    torch.baddbmm(dq, ds, k, beta=0., alpha=scale, out=dq)
    torch.baddbmm(dk, ds.transpose(1, 2), q, beta=0., alpha=scale, out=dk)
    self.unpad(torch.view(dq, [b, heads, t, d]), lengths, dqk[s:s + m, :heads])
    self.unpad(torch.view(dk, [b, kv_heads, t, d]), lengths, dqk[s:s + m, heads:])
    self.unpad(torch.view(dv, [b, kv_heads, t, d]), lengths, dqkv[s:s + m, heads + kv_heads:])
    s = s + m
  self.turn(dqk, cos, sin, -1., dqkv[:, :heads + kv_heads])
  return torch.view(dqkv, [n, (heads + 2 * kv_heads) * d])

def cached_attention(self, qkv: Tensor, cos: Tensor, sin: Tensor, mask: Tensor, keys: Tensor, values: Tensor, position: int, heads: int, kv_heads: int, scale: float, cap: float, room: int) -> Tensor:
  # qkv [T, (H + 2 K) D] at positions [position, position + T) of one sequence; keys, values [K, M, D]
  # take the new ones -> o [T, H D + room]
  t = qkv.size(0)
  d = keys.size(2)
  g = heads // kv_heads
  end = position + t
  x = torch.view(qkv, [t, heads + 2 * kv_heads, d])
  qk = torch.new_empty(qkv, [t, heads + kv_heads, d])
  self.turn(x[:, :heads + kv_heads], cos[position:end].unsqueeze(1), sin[position:end].unsqueeze(1), 1., qk)
  keys[:, position:end].copy_(qk[:, heads:].transpose(0, 1))
  values[:, position:end].copy_(x[:, heads + kv_heads:].transpose(0, 1))
  q = torch.reshape(qk[:, :heads].transpose(0, 1), [kv_heads, g * t, d])
  p = torch.bmm(q, keys[:, :end].transpose(1, 2)).mul_(scale)
  self.cap_(p, cap)
  p4 = torch.view(p, [kv_heads, g, t, end])
  p4.add_(mask[position:end, :end])
  p = torch.view(torch.softmax(p4, -1), [kv_heads, g * t, end])
  o = torch.new_empty(qkv, [t, heads * d + room])
  o3 = torch.unflatten(o[:, :heads * d], 1, [heads, d])
  o3.copy_(torch.view(torch.bmm(p, values[:, :end]), [heads, t, d]).transpose(0, 1))
  return o
