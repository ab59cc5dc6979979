"""Four-bit weights by bitsandbytes, the scales in eight bits by the rule of its generic and CUDA kernels.

Its CPU kernel looks scales up by 16 bits of their value and so rounds a few of them, next to a midpoint, the other way.
"""
import bitsandbytes.functional as F
import torch

SCALES_BLOCK = 256


def quantize(weight, block, double):
    """The packed weight, its state, and with double quantisation the scales' state."""
    packed, state = F.quantize_4bit(weight, blocksize=block, quant_type="nf4", compress_statistics=False)
    if double:
        code = F.create_dynamic_map()
        state.offset = state.absmax.mean()
        generic = torch._C.DispatchKeySet(torch._C.DispatchKey.CompositeExplicitAutograd)
        state.absmax, scales = torch.ops.bitsandbytes.quantize_blockwise.default.redispatch(
            generic, state.absmax - state.offset, code, SCALES_BLOCK
        )
        state.state2 = F.QuantState(absmax=scales, code=code, blocksize=SCALES_BLOCK, dtype=torch.float32)
        state.nested = True
    return packed, state
