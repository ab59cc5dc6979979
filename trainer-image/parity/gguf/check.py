"""Compares the fixtures with llama.cpp itself, and with transformers where it reads GGUF of the family.

Usage: python check.py   (packages: ../requirements.txt, llama_cpp_python==0.3.36)
"""
import json
import os
from pathlib import Path

os.environ["HF_HUB_OFFLINE"] = "1"
import llama_cpp
import torch
from safetensors.torch import load_file
from transformers import AutoModelForCausalLM, AutoTokenizer

FIXTURES = Path(__file__).resolve().parent / "fixtures"
TOKENS = json.loads((FIXTURES / "tokens.json").read_text(encoding="utf-8"))


def by_llama_cpp(path, ids):
    model = llama_cpp.Llama(str(path), n_ctx=128, n_batch=128, logits_all=True, type_k=0, type_v=0, verbose=False, flash_attn=False)
    model.eval(ids.tolist())
    same = sum(model.tokenize(row["text"].encode(), add_bos=False, special=True) == row["ids"] for row in TOKENS[path.stem])
    return torch.tensor(model.scores[: len(ids)]), same


def by_transformers(path, ids):
    try:
        model = AutoModelForCausalLM.from_pretrained(path.parent, gguf_file=path.name, dtype=torch.float32, attn_implementation="eager")
    except (ValueError, KeyError, RuntimeError, NotImplementedError) as e:
        return f"not read ({str(e)[:60]})"
    tokenizer = AutoTokenizer.from_pretrained(path.parent, gguf_file=path.name)
    with torch.no_grad():
        logits = model(input_ids=ids[None]).logits[0]
    same = sum(tokenizer.encode(row["text"], add_special_tokens=False) == row["ids"] for row in TOKENS[path.stem])
    return logits, same


def line(result, expected, rows):
    if isinstance(result, str):
        return result
    return f"logits off by {(result[0] - expected).abs().max():.1e}, ids equal in {result[1]} of {rows}"


for path in sorted(FIXTURES.glob("*.gguf")):
    expected = load_file(path.with_suffix(".safetensors"))
    rows = len(TOKENS[path.stem])
    print(f"{path.stem}: llama.cpp {line(by_llama_cpp(path, expected['ids']), expected['logits'], rows)}; "
          f"transformers {line(by_transformers(path, expected['ids']), expected['logits'], rows)}", flush=True)
