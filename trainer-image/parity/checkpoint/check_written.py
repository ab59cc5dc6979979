"""Loads what the Java side wrote (fixtures/written, compared byte for byte by its tests) in transformers and PEFT.

Usage: python check_written.py [FOLDER]     FOLDER defaults to fixtures/written; packages: ../requirements.txt

Fails unless transformers gives the same ids from the written tokenizer as from the GGUF file itself, and PEFT the same logits
from the written adapter as from its own.
"""
import json
import os
import shutil
import sys
import tempfile
from pathlib import Path

os.environ["HF_HUB_OFFLINE"] = "1"

import torch
from peft import PeftModel
from transformers import AutoModelForCausalLM, AutoTokenizer

FIXTURES = Path(__file__).resolve().parent / "fixtures"


def check_tokenizer(folder):
    reference = AutoTokenizer.from_pretrained(FIXTURES, gguf_file="tiny-llama.gguf")
    written = AutoTokenizer.from_pretrained(folder)
    for row in json.loads((FIXTURES / "tiny-llama.tokens.json").read_text(encoding="utf-8"))["rows"]:
        assert written(row["text"])["input_ids"] == reference(row["text"])["input_ids"] == row["ids"], row["text"]
        assert written.decode(row["ids"], skip_special_tokens=True) == row["decoded"], row["text"]
    for role in ("bos_token_id", "eos_token_id", "pad_token_id", "unk_token_id", "chat_template"):
        assert getattr(written, role) == getattr(reference, role), role
    assert len(written) == len(reference)
    chat = [{"role": "user", "content": "Hi"}]
    assert written.apply_chat_template(chat, tokenize=False) == reference.apply_chat_template(chat, tokenize=False)


def check_added_tokens(folder):
    written = AutoTokenizer.from_pretrained(folder)
    facts = json.loads((FIXTURES / "added.tokens.json").read_text(encoding="utf-8"))
    assert len(written) == facts["size"] and written.convert_tokens_to_ids(facts["tokens"]) == facts["ids"]
    for row in facts["rows"]:
        assert written(row["text"])["input_ids"] == row["ids"], row["text"]
        assert written.decode(row["ids"], skip_special_tokens=True) == row["decoded"], row["text"]


def logits(adapter):
    model = AutoModelForCausalLM.from_pretrained(FIXTURES, gguf_file="tiny-llama.gguf", dtype=torch.float32)
    with torch.no_grad():
        return PeftModel.from_pretrained(model, adapter).eval()(torch.arange(1, 60)[None]).logits


def check_adapter(folder):
    with tempfile.TemporaryDirectory() as scratch:
        for file in folder.iterdir():
            shutil.copy(file, scratch)
        # Its weights are committed once: the Java tests assert that they are PEFT's own bytes.
        weights = Path(scratch) / "adapter_model.safetensors"
        if not weights.exists():
            shutil.copy(FIXTURES / "peft-adapter" / weights.name, weights)
        written = logits(scratch)
    reference = logits(FIXTURES / "peft-adapter")
    base = AutoModelForCausalLM.from_pretrained(FIXTURES, gguf_file="tiny-llama.gguf", dtype=torch.float32)
    with torch.no_grad():
        unadapted = base.eval()(torch.arange(1, 60)[None]).logits
    assert torch.equal(written, reference)
    assert not torch.equal(written, unadapted), "the adapter has no effect, so the comparison says nothing"


if __name__ == "__main__":
    torch.set_num_threads(1)
    root = Path(sys.argv[1]) if len(sys.argv) > 1 else FIXTURES / "written"
    check_tokenizer(root / "tokenizer")
    check_added_tokens(root / "added-tokens")
    check_adapter(root / "adapter")
    print("transformers and PEFT read what was written")
