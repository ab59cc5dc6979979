# Root mean square norm (Zhang and Sennrich, 2019): y = x / sqrt(mean(x^2) + eps) * weight.
# N tokens, C channels. Statistics are float32 in every precision.

def rms_norm(self, x: Tensor, weight: Tensor, eps: float, room: int) -> List[Tensor]:
  # x [N, C] -> y [N, C + room], whose trailing columns belong to the consumer; rstd [N, 1] float32
  n = x.size(0)
  c = x.size(1)
  rstd = torch.linalg_vector_norm(x, 2, [-1], True, dtype=6)
  rstd.mul_(rstd).mul_(1. / c).add_(eps).rsqrt_()
  buffer = torch.new_empty(x, [n, c + room])
  y = buffer[:, :c]
  torch.mul(x, rstd, out=y)
  y.mul_(weight)
  return [buffer, rstd]

def rms_norm_backward(self, dy: Tensor, x: Tensor, rstd: Tensor, weight: Tensor, dx: Tensor) -> None:
  # adds to dx [N, C]: rstd * (g - xhat * mean(g * xhat)), g = dy * weight, xhat = x * rstd
  g = torch.mul(dy.to(6), weight)
  xhat = torch.mul(x, rstd)
  mean = torch.sum(torch.mul(g, xhat), [-1], True).mul_(-1. / x.size(1))
  g.addcmul_(xhat, mean)
  if ops.prim.dtype(dx) == 6:
    dx.addcmul_(g, rstd)
  else:
    dx.add_(g.mul_(rstd))
  return None
