"""Writes small random models with what transformers and PEFT compute from them.

Usage: python make_fixtures.py [FOLDER [MODEL ...]]   (versions in requirements.txt; the numbers are those of one thread)
"""
import copy
import json
import pathlib
import sys

import torch
from peft import LoraConfig, get_peft_model
from safetensors.torch import save_file
from transformers import AutoModelForCausalLM

from configs import MODELS

OUT = pathlib.Path(sys.argv[1] if len(sys.argv) > 1 else pathlib.Path(__file__).parent)
RANK, ALPHA, STEPS, RATE = 4, 6, 10, 1e-2
# Rows long and short, so that attention works in more than one group; the last has no prompt.
LENGTHS = [9, 100, 2, 70, 33, 12]


def rows(vocabulary, generator):
    made = []
    for i, n in enumerate(LENGTHS):
        ids = torch.randint(0, vocabulary, (n,), generator=generator)
        trained = torch.rand(n, generator=generator) < 0.5
        trained[-1] = True
        if i == len(LENGTHS) - 1:
            trained[:] = True
        made.append((ids, trained))
    return made


def by_own_length(model):
    """Turns each row by the dynamic angles of its own length: transformers keeps those of a longer row that came before
    until a row shorter than max_position_embeddings."""
    def forget(rotary, _):
        rotary.inv_freq, rotary.max_seq_len_cached = rotary.original_inv_freq, rotary.original_max_seq_len

    for module in model.modules():
        if getattr(module, "rope_type", None) == "dynamic":
            module.register_forward_pre_hook(forget)


def loss_sum(model, batch, dtype=None):
    total = 0.0
    for ids, trained in batch:
        logits = model(input_ids=ids[None], use_cache=False).logits[0]
        logits = logits if dtype is None else logits.to(dtype)
        losses = torch.nn.functional.cross_entropy(logits[:-1], ids[1:], reduction="none")
        total = total + losses[trained[1:]].sum()
    return total


def count(batch):
    return sum(int(trained[1:].sum()) for _, trained in batch)


def adapter_of(model, gradients=False):
    named = {}
    for name, p in model.named_parameters():
        if p.requires_grad:
            named[name.replace(".default", "")] = (p.grad if gradients else p).detach().clone()
    return named


def bfloat16_error(model, batch, expected):
    """The root of the sum of squared differences of autograd's gradients in bfloat16, as a share of that of the values."""
    rounded = copy.deepcopy(model)
    for p in rounded.parameters():
        p.grad = None
        if not p.requires_grad:
            p.data = p.data.to(torch.bfloat16)
    (loss_sum(rounded, batch, torch.float32) / count(batch)).backward()
    error = norm = 0.0
    for n, g in adapter_of(rounded, gradients=True).items():
        error += float(((g - expected[n]) ** 2).sum())
        norm += float((expected[n] ** 2).sum())
    return (error / norm) ** 0.5


def make(name, config, targets):
    torch.manual_seed(sum(map(ord, name)))
    generator = torch.Generator().manual_seed(7)
    base = AutoModelForCausalLM.from_config(config, attn_implementation="eager").float().eval()
    by_own_length(base)
    with torch.no_grad():
        for n, p in base.named_parameters():
            if p.dim() == 1:  # gains of norms and biases, which would all be equal
                if n.endswith("bias"):
                    p.uniform_(-0.5, 0.5, generator=generator)
                else:
                    p.uniform_(0.5, 1.5, generator=generator)
    folder = OUT / name
    folder.mkdir(parents=True, exist_ok=True)
    base.save_pretrained(folder)
    (folder / "generation_config.json").unlink(missing_ok=True)

    batch = rows(config.vocab_size, generator)
    expected = {}
    facts = {"rank": RANK, "alpha": ALPHA, "targets": [targets] if isinstance(targets, str) else targets, "learningRate": RATE, "maxGradientNorm": 0.8, "weightDecay": 0.01,
             "rows": [{"ids": ids.tolist(), "trained": trained.tolist()} for ids, trained in batch]}
    with torch.no_grad():
        expected["logits"] = base(input_ids=batch[4][0][None]).logits[0].contiguous()
        prompt = batch[0][0]
        # without a cache, whose keys stay turned by the dynamic angles of the shorter text they were made in
        out = base.generate(prompt[None], attention_mask=torch.ones_like(prompt)[None], max_new_tokens=40, do_sample=False, eos_token_id=None,
                            pad_token_id=0, use_cache=False)
        facts["greedy"] = {"prompt": prompt.tolist(), "new": out[0, len(prompt):].tolist()}

    model = get_peft_model(base, LoraConfig(r=RANK, lora_alpha=ALPHA, lora_dropout=0.0, target_modules=targets, task_type="CAUSAL_LM"))
    with torch.no_grad():
        for n, p in model.named_parameters():
            if "lora_B" in n:
                p.normal_(0, 0.1, generator=generator)
    initial = adapter_of(model)
    with torch.no_grad():
        expected["adapted_logits"] = model(input_ids=batch[4][0][None]).logits[0].contiguous()

    model.train()
    loss = loss_sum(model, batch)
    (loss / count(batch)).backward()
    facts["lossSum"] = loss.item()
    facts["trainedTokens"] = count(batch)
    gradients = adapter_of(model, gradients=True)
    for n, g in gradients.items():
        expected["gradient." + n] = g
    facts["bfloat16GradientError"] = bfloat16_error(model, batch, gradients)

    # ten optimizer steps of two micro-batches each, with the mean over the step's trained tokens
    parameters = [p for p in model.parameters() if p.requires_grad]
    optimizer = torch.optim.AdamW(parameters, lr=RATE, weight_decay=0.01)
    optimizer.zero_grad()
    facts["losses"], facts["gradientNorms"] = [], []
    for _ in range(STEPS):
        n = count(batch)
        total = 0.0
        for micro in (batch[:2], batch[2:]):
            part = loss_sum(model, micro)
            (part / n).backward()
            total += part.item()
        norm = torch.nn.utils.clip_grad_norm_(parameters, 0.8)
        optimizer.step()
        optimizer.zero_grad()
        facts["losses"].append(total / n)
        facts["gradientNorms"].append(float(norm))
    for n, p in adapter_of(model).items():
        expected["trained." + n] = p
    save_file(initial, folder / "adapter.safetensors")
    save_file(expected, folder / "expected.safetensors")
    (folder / "expected.json").write_text(json.dumps(facts) + "\n")


if __name__ == "__main__":
    torch.set_num_threads(1)
    for key in sys.argv[2:] or MODELS:
        configuration, targets = MODELS[key]
        make(key, configuration(), targets)
