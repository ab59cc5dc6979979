# Embedding, and logits with their cross entropy at the trained positions only. V tokens in the
# vocabulary. Losses are float32 a token, summed in float64.

def embed(self, weight: Tensor, ids: Tensor, scale: float) -> Tensor:
  x = torch.embedding(weight, ids)
  if scale != 1.:
    x.mul_(torch.full([], scale, dtype=ops.prim.dtype(x), device=ops.prim.device(x)))
  return x

def embed_backward(self, dx: Tensor, ids: Tensor, scale: float, dw: Tensor) -> None:
  # dx [N, C] -> adds to dw [V, C] float32
  dw.index_add_(0, ids, dx.to(6), alpha=scale)
  return None

def embed_rows_backward(self, dx: Tensor, ids: Tensor, scale: float, slots: Tensor, dw: Tensor) -> None:
  # the same for the rows dw [k, C] of the weight; slots [V] is k for a token that has none of them
  k = dw.size(0)
  every = torch.new_zeros(dw, [k + 1, dw.size(1)])
  every.index_add_(0, torch.index_select(slots, 0, ids), dx.to(6), alpha=scale)
  dw.add_(every[:k])
  return None

def add_low_rank_rows_(self, x: Tensor, ids: Tensor, a: Tensor, b: Tensor, s: float) -> None:
  # adds s * B A[:, id] to each token's row of x [N, C]; a [r, V], b [C, r], float32
  x.add_(torch.mm(torch.t(torch.index_select(a, 1, ids)), torch.t(b)), alpha=s)
  return None

def low_rank_rows_backward(self, dx: Tensor, ids: Tensor, a: Tensor, b: Tensor, s: float, da: Tensor, db: Tensor) -> None:
  d = dx.to(6)
  db.addmm_(torch.t(d), torch.t(torch.index_select(a, 1, ids)), alpha=s)
  da.index_add_(1, ids, torch.t(torch.mm(d, b)), alpha=s)
  return None

def take_rows_(self, rows: Tensor, weight: Tensor, ids: Tensor) -> None:
  rows.copy_(torch.index_select(weight, 0, ids))
  return None

def put_rows_(self, weight: Tensor, ids: Tensor, rows: Tensor) -> None:
  weight.index_copy_(0, ids, rows.to(ops.prim.dtype(weight)))
  return None

def gather_rows(self, x: Tensor, positions: Tensor) -> Tensor:
  return torch.index_select(x, 0, positions)

def scatter_rows(self, x: Tensor, positions: Tensor, rows: Tensor) -> Tensor:
  # zeros like x, but for the rows at the positions
  return torch.zeros_like(x).index_copy_(0, positions, rows)

def logits(self, x: Tensor, weight: Tensor, low: List[Tensor], bias: List[Tensor], cap: float) -> Tensor:
  # x [n, C] -> [n, V] float32; what an adapter adds, if there is one, of z [n, r] and B [V, r] in low;
  # the bias [V], if there is one, and the soft cap (see softcap.py)
  p = self.product(x, weight).to(6)
  if len(low) > 0:
    p.addmm_(low[0], torch.t(low[1]))
  for b in bias:
    p.add_(b)
  self.cap_(p, cap)
  return p

def head_low_rank(self, x: Tensor, a: Tensor, keep: List[Tensor], scale: float) -> Tensor:
  # x [n, C], of which keep [n, C], 0 or 1, and a [r, C] float32 -> scale * x A^T [n, r] float32
  y = x.to(6)
  for k in keep:
    y = torch.mul(y, k)
  return torch.mm(y, torch.t(a)).mul_(scale)

def head_low_rank_backward(self, dz: Tensor, x: Tensor, a: Tensor, keep: List[Tensor], scale: float, da: Tensor, dx: Tensor) -> None:
  # adds to da [r, C] and to dx [n, C], float32
  d = torch.mul(dz, scale)
  y = x.to(6)
  low = torch.mm(d, a)
  for k in keep:
    y = torch.mul(y, k)
    low.mul_(k)
  da.addmm_(torch.t(d), y)
  dx.add_(low)
  return None

def cross_entropy(self, x: Tensor, targets: Tensor, weight: Tensor, low: List[Tensor], bias: List[Tensor], cap: float, chunk: int, scale: float, dw: List[Tensor], rows: List[Tensor], db: List[Tensor]) -> List[Tensor]:
  # x [n, C], targets [n] -> the sum of the losses [1] float64, and d (scale * sum) / d x [n, C] float32;
  # adds those of the weight to dw [V, C] and of the bias to db [V], float32, if there is one;
  # of a weight that is trained in some rows [k] alone dw is [k, C];
  # with an adapter low has z, B and what takes their gradients (see logits);
  # logits exist for one chunk of positions at a time and become their own gradient
  n = x.size(0)
  dx = torch.new_empty(x, [n, x.size(1)], dtype=6)
  loss = torch.new_zeros(x, [1], dtype=7)
  i = 0
  while i < n:
    j = min(i + chunk, n)
    z: List[Tensor] = []
    if len(low) > 0:
      z = [low[0][i:j], low[1]]
    p = self.logits(x[i:j], weight, z, bias, cap)
    capped = p
    if cap > 0.:
      capped = p.clone()
    target = targets[i:j].unsqueeze(1)
    ops.aten._log_softmax(p, 1, False, out=p)
    loss.sub_(torch.sum(torch.gather(p, 1, target), dtype=7))
    p.exp_()
    p.scatter_add_(1, target, torch.new_full(p, [j - i, 1], -1.))
    self.uncap_(p, capped, cap)
    p.mul_(scale)
    dx[i:j].copy_(self.product(p.to(ops.prim.dtype(x)), torch.t(weight)))
    if len(low) > 0:
      low[2][i:j].copy_(torch.mm(p, low[1]))
      low[3].addmm_(torch.t(p), low[0][i:j])
    for b in db:
      b.add_(torch.sum(p, [0]))
    for r in rows:
      p = torch.index_select(p, 1, r)
    for w in dw:
      w.addmm_(torch.t(p), x[i:j].to(6))
    i = j
  return [loss, dx]

def evaluate(self, x: Tensor, targets: Tensor, weight: Tensor, low: List[Tensor], bias: List[Tensor], cap: float, chunk: int) -> List[Tensor]:
  # the sum of the losses [1] float64, and how many targets were the most probable [1] int64
  n = x.size(0)
  loss = torch.new_zeros(x, [1], dtype=7)
  correct = torch.new_zeros(x, [1], dtype=4)
  i = 0
  while i < n:
    j = min(i + chunk, n)
    z: List[Tensor] = []
    if len(low) > 0:
      z = [low[0][i:j], low[1]]
    p = self.logits(x[i:j], weight, z, bias, cap)
    correct.add_(torch.sum(torch.argmax(p, 1) == targets[i:j]))
    loss.sub_(torch.sum(torch.gather(torch.log_softmax(p, 1), 1, targets[i:j].unsqueeze(1)), dtype=7))
    i = j
  return [loss, correct]

def item(self, x: Tensor) -> float:
  return float(x.item())
