# AdamW (Loshchilov and Hutter, 2019) as torch.optim.AdamW, its moments and steps as tensors.

def adamw_(self, parameters: List[Tensor], gradients: List[Tensor], averages: List[Tensor], squares: List[Tensor], steps: List[Tensor], rate: float, beta1: float, beta2: float, eps: float, decay: float) -> None:
  # Lists come from outside: of a list made here TorchScript sees no effect and drops the update.
  torch._foreach_add_(steps, 1)
  ops.aten._fused_adamw_(parameters, gradients, averages, squares, annotate(List[Tensor], []), steps, lr=rate, beta1=beta1, beta2=beta2, weight_decay=decay, eps=eps, amsgrad=False, maximize=False)
  return None

def gradient_norm(self, gradients: List[Tensor]) -> float:
  # the norm of the parameters' norms, as torch.nn.utils.clip_grad_norm_
  return float(torch.linalg_vector_norm(torch.stack(torch._foreach_norm(gradients, 2)), 2).item())

def multiply_(self, x: Tensor, factor: float) -> None:
  x.mul_(factor)
  return None

def add_scaled_(self, target: Tensor, x: Tensor, factor: float) -> None:
  target.add_(x, alpha=factor)
  return None
