# Soft caps (Gemma 2, 2024): x becomes c tanh(x / c); c 0 means none.

def cap_(self, x: Tensor, c: float) -> None:
  if c > 0.:
    x.mul_(1. / c).tanh_().mul_(c)
  return None

def uncap_(self, d: Tensor, y: Tensor, c: float) -> None:
  # d times the derivative 1 - (y / c)^2, where y is the capped value; y is overwritten
  if c > 0.:
    y.mul_(1. / c)
    d.addcmul_(torch.mul(d, y), y, value=-1.)
  return None

def uncap_scores_(self, ds: Tensor, q: Tensor, k: Tensor, scale: float, c: float) -> None:
  # the same for scores, which are computed again
  if c > 0.:
    s = torch.empty_like(ds)
    torch.baddbmm(s, q, k.transpose(1, 2), beta=0., alpha=scale, out=s)
    self.cap_(s, c)
    self.uncap_(ds, s, c)
  return None
