# Layer norm (Ba et al., 2016): y = (x - mean) / sqrt(var + eps) * weight + bias. N tokens, C channels.
# Weight and bias are float32 in every precision, and with them the statistics.

def layer_norm(self, x: Tensor, weight: Tensor, bias: Tensor, eps: float, room: int) -> List[Tensor]:
  # x [N, C] -> y [N, C + room], whose trailing columns belong to the consumer; mean, 1 / deviation [N, 1] float32
  c = x.size(1)
  y, mean, rstd = torch.native_layer_norm(x, [c], weight, bias, eps)
  if room > 0:
    return [self.with_room(y, room), mean, rstd]
  else:
    return [y, mean, rstd]

def layer_norm_backward(self, dy: Tensor, x: Tensor, mean: Tensor, rstd: Tensor, weight: Tensor, bias: Tensor, dx: Tensor) -> None:
  # adds to dx [N, C]
  g, dw, db = torch.native_layer_norm_backward(dy.to(ops.prim.dtype(x)), x, [x.size(1)], mean, rstd, weight, bias, [True, False, False])
  dx.add_(g)
  return None
