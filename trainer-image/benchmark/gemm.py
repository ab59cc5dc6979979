"""The best rate of this machine's matrix products in the shapes of a model's blocks. Prints one JSON line: GFLOP/s of the shapes together."""
import argparse
import json
import time

import torch

parser = argparse.ArgumentParser(description=__doc__)
parser.add_argument("--shapes", required=True, help="inputs x outputs of a layer's products: 576x960,576x576,…")
parser.add_argument("--tokens", type=int, required=True)
parser.add_argument("--dtype", choices=["float32", "bfloat16"], required=True)
arguments = parser.parse_args()

torch.set_grad_enabled(False)
dtype, tokens = getattr(torch, arguments.dtype), arguments.tokens


def best(call):
    """Seconds of the fastest of 20 calls after 5 to warm up."""
    seconds = []
    for _ in range(25):
        start = time.perf_counter()
        call()
        seconds.append(time.perf_counter() - start)
    return min(seconds[5:])


operations = seconds = 0.0
for shape in arguments.shapes.split(","):
    inputs, outputs = map(int, shape.split("x"))
    x, dy = torch.randn(tokens, inputs).to(dtype), torch.randn(tokens, outputs).to(dtype)
    weight = torch.randn(outputs, inputs).to(dtype)
    packed, packed_back = (torch.ops.mkldnn._reorder_linear_weight(w) for w in (weight, weight.t().contiguous()))
    by_onednn = torch.ops.mkldnn._linear_pointwise
    forward = min(best(lambda: torch.mm(x, weight.t())), best(lambda: by_onednn(x, packed, None, "none", [], "")))
    backward = min(best(lambda: torch.mm(dy, weight)), best(lambda: by_onednn(dy, packed_back, None, "none", [], "")))
    operations += 2 * 2.0 * tokens * inputs * outputs
    seconds += forward + backward
print(json.dumps({"gflops": operations / seconds / 1e9}))
