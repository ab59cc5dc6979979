"""Loads every family's adapter in PEFT with the adapter_config.json that the trainer wrote for it, and compares the logits.

Usage: python check_written.py     (packages: requirements.txt)

Fails unless PEFT takes all of the adapter's tensors and its logits are the fixture's to 1e-4, and unlike the base model's.
"""
import json
import pathlib
import shutil
import tempfile

import torch
from peft import PeftModel
from safetensors.torch import load_file
from transformers import AutoModelForCausalLM

HERE = pathlib.Path(__file__).resolve().parent
LOGITS_ROW = 4


def check(folder):
    row = json.loads((folder / "expected.json").read_text())["rows"][LOGITS_ROW]["ids"]
    expected = load_file(folder / "expected.safetensors")
    with tempfile.TemporaryDirectory() as scratch:
        shutil.copy(folder / "adapter.safetensors", pathlib.Path(scratch) / "adapter_model.safetensors")
        shutil.copy(folder / "written" / "adapter_config.json", scratch)
        base = AutoModelForCausalLM.from_pretrained(folder, dtype=torch.float32, attn_implementation="eager")
        model = PeftModel.from_pretrained(base, scratch).eval()
    loaded = {n.replace(".default", "") for n, _ in model.named_parameters() if "lora_" in n}
    assert loaded == set(load_file(folder / "adapter.safetensors")), folder.name
    with torch.no_grad():
        logits = model(torch.tensor(row)[None]).logits[0]
    difference = (logits - expected["adapted_logits"]).abs().max().item()
    assert difference <= 1e-4, (folder.name, difference)
    assert (logits - expected["logits"]).abs().max().item() > 0.1, folder.name
    print(f"{folder.name}: PEFT's logits differ by {difference:.1e}")


if __name__ == "__main__":
    torch.set_num_threads(1)
    for path in sorted(HERE.glob("*/expected.json")):
        check(path.parent)
