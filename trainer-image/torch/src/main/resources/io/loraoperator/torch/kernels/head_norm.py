# Root mean square norm of each head's queries and keys (Dehghani et al., 2023). H query heads, K key-value heads of
# D channels; weight [H + K, D] holds the gains, float32 or as x.

def head_gains(self, query: Tensor, key: Tensor, heads: int, kv_heads: int) -> Tensor:
  return torch.cat([query.unsqueeze(0).expand([heads, -1]), key.unsqueeze(0).expand([kv_heads, -1])])

def head_norm(self, qkv: Tensor, weight: Tensor, eps: float, kv_heads: int) -> List[Tensor]:
  # qkv [N, (H + 2 K) D] -> the same with queries and keys normed; 1 / root mean square [N, H + K, 1] float32
  normed = weight.size(0)
  d = weight.size(1)
  x = torch.unflatten(qkv, 1, [normed + kv_heads, d])
  qk = x[:, :normed]
  rstd = torch.linalg_vector_norm(qk, 2, [-1], True, dtype=6)
  rstd.mul_(rstd).mul_(1. / d).add_(eps).rsqrt_()
  y = torch.empty_like(x)
  y[:, :normed].copy_(torch.mul(torch.mul(qk, rstd), weight))
  y[:, normed:].copy_(x[:, normed:])
  return [torch.flatten(y, 1), rstd]

def head_norm_backward_(self, dqkv: Tensor, qkv: Tensor, rstd: Tensor, weight: Tensor, kv_heads: int) -> None:
  # turns the gradient of the normed heads into that of qkv, in place
  normed = weight.size(0)
  d = weight.size(1)
  dqk = torch.unflatten(dqkv, 1, [normed + kv_heads, d])[:, :normed]
  qk = torch.unflatten(qkv, 1, [normed + kv_heads, d])[:, :normed]
  g = torch.mul(dqk.to(6), weight)
  xhat = torch.mul(qk, rstd)
  mean = torch.sum(torch.mul(g, xhat), [-1], True).mul_(-1. / d)
  dqk.copy_(g.addcmul_(xhat, mean).mul_(rstd))
  return None

def add_one_(self, x: Tensor) -> None:
  x.add_(1.)
  return None
