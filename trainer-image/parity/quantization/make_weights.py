"""Writes weights and what bitsandbytes makes of them in four bits, on a CPU.

Usage: python make_weights.py     (versions in ../requirements.txt)
"""
import pathlib

import bitsandbytes.functional as F
import torch
from normal_float import quantize
from safetensors.torch import save_file

HERE = pathlib.Path(__file__).resolve().parent


def heavy_tailed(shape, dtype, generator):
    x = torch.randn(shape, generator=generator)
    return (x * x.abs() * 0.05).to(dtype)


def weights():
    g = torch.Generator().manual_seed(5)
    blocks = heavy_tailed([12, 128], torch.float32, g)
    blocks[2] = 0  # blocks of zeros
    blocks[3, :64] = 1e-30
    blocks[4, 5:9] = 40
    code = F.get_4bit_type("nf4", device="cpu")
    ties = torch.cat([code, (code[:-1] + code[1:]) / 2, code.neg(), torch.tensor([1.0])]).reshape(1, -1).contiguous()
    return {
        "float32": blocks,
        "ties": ties,  # 48 of a block of 64: also a block that is not full
        "bfloat16": heavy_tailed([520, 64], torch.bfloat16, g),  # 520 scales: three blocks of these
        "odd": heavy_tailed([37, 35], torch.bfloat16, g),  # blocks run on over rows; half a byte is left over
        "wide": heavy_tailed([24, 40], torch.float32, g),
    }


made = {"dynamic_float": F.create_dynamic_map()}
for name, x in weights().items():
    made[name] = x
    for double in (False, True):
        packed, state = quantize(x, 64, double)
        prefix = f"{name}.double." if double else f"{name}.single."
        made[prefix + "packed"] = packed.flatten()
        made[prefix + "scales"] = state.absmax
        if double:
            made[prefix + "scale_scales"] = state.state2.absmax
            made[prefix + "offset"] = state.offset.reshape(1)
        for dtype in (torch.bfloat16,) if name == "bfloat16" else (torch.float32, torch.bfloat16):
            state.dtype = dtype
            made[prefix + str(dtype).removeprefix("torch.")] = F.dequantize_4bit(packed, state)
save_file({k: v.contiguous() for k, v in made.items()}, HERE / "bitsandbytes.safetensors")
