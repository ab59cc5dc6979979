"""Loads every adapter with the adapter_config.json that the trainer wrote for it, and compares PEFT's logits with the fixture's.

Usage: python check_written.py     (packages: ../requirements.txt)

The trainer's tests compare what it writes with written/<variant>.json byte for byte.
"""
import json
import pathlib
import shutil
import tempfile

import torch
from peft import PeftModel
from safetensors.torch import load_file

from make_adapters import HERE, VARIANTS, base_model, logits


def check(name):
    folder = HERE / name
    facts = json.loads((folder / "expected.json").read_text())
    batch = [(torch.tensor(row["ids"]), None) for row in facts["rows"]]
    with tempfile.TemporaryDirectory() as scratch:
        shutil.copy(folder / "adapter_model.safetensors", scratch)
        shutil.copy(HERE / "written" / (name + ".json"), pathlib.Path(scratch) / "adapter_config.json")
        model = PeftModel.from_pretrained(base_model(facts), scratch).eval()
    difference = (logits(model, batch) - load_file(folder / "expected.safetensors")["logits"]).abs().max().item()
    assert difference <= 1e-6, (name, difference)
    print(f"{name}: PEFT's logits differ by {difference}")


if __name__ == "__main__":
    torch.set_num_threads(1)
    for variant in VARIANTS:
        check(variant)
