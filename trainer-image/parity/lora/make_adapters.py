"""Writes what PEFT computes with each form of LoRA, on the small models of ../model.

Usage: python make_adapters.py [VARIANT …]   (versions in ../requirements.txt; the numbers are those of one thread)

A folder is what save_pretrained writes, with B and other new weights drawn at random, and in expected.* the logits of one
row and the gradients of one batch. `spec` in expected.json is the same in the words of a manifest.
"""
import json
import pathlib
import sys

import torch
from peft import LoraConfig, get_peft_model, get_peft_model_state_dict, set_peft_model_state_dict
from safetensors.torch import load_file, save_file
from transformers import AutoModelForCausalLM

HERE = pathlib.Path(__file__).resolve().parent
sys.path += [str(HERE.parent / "quantization"), str(HERE.parent / "model")]
from make_fixtures import count, loss_sum, rows  # noqa: E402

ALL = ["q_proj", "k_proj", "v_proj", "o_proj", "gate_proj", "up_proj", "down_proj"]
RANK, ALPHA = 4, 6
STEPS, RATE = 20, 1e-3
LOGITS_ROW = 4
# variant: base model, PEFT's settings beside rank and alpha, the manifest's
VARIANTS = {
    "rank-stabilized": ("llama-tied", {"target_modules": ALL, "use_rslora": True}, {"lora": {"targetModules": ["all-linear"], "variant": "RankStabilized"}}),
    "patterns": (
        "llama-tied",
        {
            "target_modules": ALL,
            "rank_pattern": {"q_proj": 2, r"layers\.1\.self_attn\.v_proj": 8, "model.layers.0.mlp.down_proj": 3},
            "alpha_pattern": {"k_proj": 12, r"layers\.0\.mlp\..*": 3},
        },
        {
            "lora": {
                "targetModules": ALL,
                "rankPattern": {"q_proj": 2, r"layers\.1\.self_attn\.v_proj": 8, "model.layers.0.mlp.down_proj": 3},
                "alphaPattern": {"k_proj": 12, r"layers\.0\.mlp\..*": 3},
            }
        },
    ),
    # a whole path holds in spite of the layers, an exclusion in spite of everything
    "layers": (
        "llama-untied",
        {
            "target_modules": ["q_proj", "self_attn.o_proj", "up_proj", "model.layers.0.mlp.down_proj"],
            "exclude_modules": ["model.layers.1.self_attn.o_proj"],
            "layers_to_transform": [1],
        },
        {
            "lora": {
                "targetModules": ["q_proj", "self_attn.o_proj", "up_proj", "model.layers.0.mlp.down_proj"],
                "excludeModules": ["model.layers.1.self_attn.o_proj"],
                "layers": {"from": 1},
            }
        },
    ),
    "saved-tied": (
        "llama-tied",
        {"target_modules": ["k_proj", "down_proj"], "modules_to_save": ["embed_tokens"], "ensure_weight_tying": True},
        {"lora": {"targetModules": ["k_proj", "down_proj"], "modulesToSave": ["embed_tokens"]}},
    ),
    "saved-untied": (
        "llama-untied",
        {"target_modules": ["o_proj"], "layers_to_transform": [1], "modules_to_save": ["embed_tokens", "lm_head"]},
        {"lora": {"targetModules": ["o_proj"], "layers": {"from": 1}, "modulesToSave": ["embed_tokens", "lm_head"]}},
    ),
    # biases of every kind: of linear modules with an adapter and without, of norms, of the head
    "bias-all": ("phi", {"target_modules": ["q_proj", "fc1"], "bias": "all"}, {"lora": {"targetModules": ["q_proj", "fc1"], "bias": "All"}}),
    "bias-all-saved": ("phi", {"target_modules": ["v_proj"], "bias": "all", "modules_to_save": ["lm_head"]}, {"lora": {"targetModules": ["v_proj"], "bias": "All", "modulesToSave": ["lm_head"]}}),
    # norms behind the branches, and a layer without an adapter below one that has them
    "bias-all-upper": (
        "opt-350m",
        {"target_modules": ["v_proj", "fc2"], "layers_to_transform": [1], "bias": "all"},
        {"lora": {"targetModules": ["v_proj", "fc2"], "layers": {"from": 1}, "bias": "All"}},
    ),
    "bias-adapted": (
        "gpt2",
        {"target_modules": ["c_attn", "mlp.c_proj"], "bias": "lora_only", "fan_in_fan_out": True},
        {"lora": {"targetModules": ["c_attn", "mlp.c_proj"], "bias": "LoraOnly"}},
    ),
    # some members of a merged product, quantised; and a model without biases
    "bias-quantized": (
        "qwen2",
        {"target_modules": ["q_proj", "v_proj", "o_proj"], "bias": "lora_only"},
        {"lora": {"targetModules": ["q_proj", "v_proj", "o_proj"], "bias": "LoraOnly"}, "baseModel": {"quantization": {"type": "NF4"}}},
    ),
    "bias-none-there": ("llama-tied", {"target_modules": ["q_proj"], "bias": "all"}, {"lora": {"targetModules": ["q_proj"], "bias": "All"}}),
    # a head with a bias, trained in full
    "saved-with-bias": ("phi", {"target_modules": ["dense"], "modules_to_save": ["lm_head"]}, {"lora": {"targetModules": ["dense"], "modulesToSave": ["lm_head"]}}),
    "dora": (
        "llama-untied",
        {"target_modules": ["q_proj", "v_proj", "o_proj", "up_proj", "down_proj"], "rank_pattern": {"v_proj": 2}, "alpha_pattern": {"q_proj": 12}, "use_dora": True},
        {"lora": {"targetModules": ["q_proj", "v_proj", "o_proj", "up_proj", "down_proj"], "rankPattern": {"v_proj": 2}, "alphaPattern": {"q_proj": 12}, "variant": "DoRA"}},
    ),
    "dora-transposed": (
        "gpt2",
        {"target_modules": ["c_attn", "mlp.c_proj"], "use_dora": True, "bias": "all", "fan_in_fan_out": True},
        {"lora": {"targetModules": ["c_attn", "mlp.c_proj"], "variant": "DoRA", "bias": "All"}},
    ),
    "dora-merged": ("phi3", {"target_modules": ["qkv_proj", "gate_up_proj"], "layers_to_transform": [1], "use_dora": True}, {"lora": {"targetModules": ["qkv_proj", "gate_up_proj"], "layers": {"from": 1, "to": 2}, "variant": "DoRA"}}),
    "dora-nf4": ("llama-tied", {"target_modules": ALL, "use_dora": True}, {"lora": {"targetModules": ["all-linear"], "variant": "DoRA"}, "baseModel": {"quantization": {"type": "NF4"}}}),
    # tied, with scaled embeddings and capped logits
    "tokens-tied": (
        "gemma2",
        {"target_modules": ["k_proj"], "trainable_token_indices": {"embed_tokens": [61, 62, 63]}},
        {"lora": {"targetModules": ["k_proj"]}, "baseModel": {"addedTokens": ["<a>", "<b>", "<c>"]}, "newTokens": [61, 62, 63]},
    ),
    "tokens-untied": (
        "llama-untied",
        {"target_modules": ["v_proj"], "trainable_token_indices": {"embed_tokens": [61, 62], "lm_head": [61, 62]}},
        {"lora": {"targetModules": ["v_proj"]}, "baseModel": {"addedTokens": ["<a>", "<b>"]}, "newTokens": [61, 62]},
    ),
    # rows that the model has beyond its tokenizer
    "tokens-padded": (
        "llama-tied",
        {"target_modules": ["v_proj"], "trainable_token_indices": {"embed_tokens": [57, 58]}},
        {"lora": {"targetModules": ["v_proj"]}, "baseModel": {"addedTokens": ["<a>", "<b>"]}, "newTokens": [57, 58]},
    ),
    "tokens-saved": (
        "llama-untied",
        {"target_modules": ["v_proj"], "modules_to_save": ["lm_head"], "trainable_token_indices": {"embed_tokens": [61, 62]}},
        {"lora": {"targetModules": ["v_proj"], "modulesToSave": ["lm_head"]}, "baseModel": {"addedTokens": ["<a>", "<b>"]}, "newTokens": [61, 62]},
    ),
    # the embedding scaled, and the head that is tied to it stays as it was
    "embedding-tied": ("gemma2", {"target_modules": ["embed_tokens", "k_proj"]}, {"lora": {"targetModules": ["embed_tokens", "k_proj"]}}),
    "embedding-and-head": (
        "llama-untied",
        {"target_modules": ["embed_tokens", "lm_head", "v_proj"], "rank_pattern": {"lm_head": 2}, "alpha_pattern": {"embed_tokens": 12}},
        {"lora": {"targetModules": ["embed_tokens", "lm_head", "v_proj"], "rankPattern": {"lm_head": 2}, "alphaPattern": {"embed_tokens": 12}}},
    ),
    # a bias in the head; a range of layers keeps what is named by its whole path
    "head-with-bias": (
        "phi",
        {"target_modules": ["lm_head", "dense"], "layers_to_transform": [1], "bias": "lora_only"},
        {"lora": {"targetModules": ["lm_head", "dense"], "layers": {"from": 1}, "bias": "LoraOnly"}},
    ),
    # a tied head alone gets one; as wide as it is in the smallest OPT, with learned positions
    "head-tied": ("opt-350m", {"target_modules": ["lm_head", "embed_tokens"], "use_rslora": True}, {"lora": {"targetModules": ["lm_head", "embed_tokens"], "variant": "RankStabilized"}}),
    # PEFT stores the frozen bias, too
    "head-frozen-bias": ("phi", {"target_modules": ["lm_head"]}, {"lora": {"targetModules": ["lm_head"]}}),
    "head-alone": ("gpt2", {"target_modules": ["lm_head"]}, {"lora": {"targetModules": ["lm_head"]}}),
    "embedding-beside-head-in-full": (
        "llama-untied",
        {"target_modules": ["embed_tokens"], "modules_to_save": ["lm_head"]},
        {"lora": {"targetModules": ["embed_tokens"], "modulesToSave": ["lm_head"]}},
    ),
    "embedding-nf4": ("llama-tied", {"target_modules": ["embed_tokens", "q_proj"]}, {"lora": {"targetModules": ["embed_tokens", "q_proj"]}, "baseModel": {"quantization": {"type": "NF4"}}}),
    "nf4": ("llama-tied", {"target_modules": ["q_proj", "v_proj", "gate_proj"]}, {"lora": {"targetModules": ["q_proj", "v_proj", "gate_proj"]}, "baseModel": {"quantization": {"type": "NF4"}}}),
    "nf4-double": ("llama-untied", {"target_modules": ALL}, {"lora": {"targetModules": ["all-linear"]}, "baseModel": {"quantization": {"type": "NF4", "doubleQuantization": True, "blockSize": 32}}}),
}


def base_model(facts):
    """The base model, with rows for new tokens; with a quantization, of the values that bitsandbytes gives back."""
    model = AutoModelForCausalLM.from_pretrained(HERE.parent / "model" / facts["base"], dtype=torch.float32, attn_implementation="eager").eval()
    size = max([model.config.vocab_size, *(token + 1 for token in facts.get("newTokens", []))])
    if size > model.config.vocab_size:
        model.resize_token_embeddings(size)
    quantization = facts["spec"].get("baseModel", {}).get("quantization")
    if quantization:
        for name, module in model.named_modules():
            if isinstance(module, torch.nn.Linear) and name != "lm_head":
                module.weight.data = dequantized(module.weight.data, **quantization)
    return model


def dequantized(weight, type, doubleQuantization=False, blockSize=64):
    import bitsandbytes.functional as F
    from normal_float import quantize

    assert type == "NF4"
    return F.dequantize_4bit(*quantize(weight, blockSize, doubleQuantization))


def logits(model, batch):
    with torch.no_grad():
        return model(input_ids=batch[LOGITS_ROW][0][None]).logits[0].contiguous()


def make(name):
    base, peft, manifest = VARIANTS[name]
    lora = {"rank": RANK, "alpha": ALPHA, **manifest.pop("lora")}
    tokens = {"newTokens": manifest.pop("newTokens")} if "newTokens" in manifest else {}
    facts = {"base": base, "spec": {"lora": lora, **manifest}, **tokens}
    torch.manual_seed(sum(map(ord, name)))
    generator = torch.Generator().manual_seed(11)
    model = base_model(facts)
    batch = rows(model.config.vocab_size, generator)
    plain = logits(model, batch)
    model = get_peft_model(model, LoraConfig(r=RANK, lora_alpha=ALPHA, lora_dropout=0.0, task_type="CAUSAL_LM", **peft))
    with torch.no_grad():
        for n, p in model.named_parameters():
            if "lora_B" in n:
                p.normal_(0, 0.1, generator=generator)
            elif "lora_embedding_" in n:
                p.normal_(0, 0.3, generator=generator)
            elif "magnitude" in n:
                p.mul_(torch.rand(p.shape, generator=generator) + 0.5)
            elif "modules_to_save" in n or "trainable_tokens" in n or (n.endswith(".bias") and p.requires_grad):
                p.add_(torch.randn(p.shape, generator=generator), alpha=0.1)
    expected = {"logits": logits(model, batch)}
    assert not torch.allclose(expected["logits"], plain, atol=0.1), "the adapter has no effect"
    model.train()
    loss = loss_sum(model, batch)
    (loss / count(batch)).backward()
    folder = HERE / name
    # The gradients under the names of the file: saved as if they were the adapter.
    model.peft_config["default"].base_model_name_or_path = base
    model.save_pretrained(folder)
    with torch.no_grad():
        for p in model.parameters():
            if p.requires_grad:
                p.copy_(p.grad)
    for n, g in get_peft_model_state_dict(model, save_embedding_layers=False).items():
        expected["gradient." + n] = g.clone()
    (folder / "README.md").unlink()
    save_file(expected, folder / "expected.safetensors")
    facts["lossSum"] = loss.item()
    facts["rows"] = [{"ids": ids.tolist(), "trained": trained.tolist()} for ids, trained in batch]
    facts["losses"] = losses(model, folder, batch)
    (folder / "expected.json").write_text(json.dumps(facts) + "\n")


def losses(model, folder, batch):
    """The mean loss before each of some optimizer steps on the whole batch, from the saved adapter on."""
    set_peft_model_state_dict(model, load_file(folder / "adapter_model.safetensors"))
    parameters = [p for p in model.parameters() if p.requires_grad]
    optimizer = torch.optim.AdamW(parameters, lr=RATE, weight_decay=0.0)
    found = []
    for _ in range(STEPS):
        optimizer.zero_grad()
        loss = loss_sum(model, batch) / count(batch)
        loss.backward()
        optimizer.step()
        found.append(loss.item())
    return found


if __name__ == "__main__":
    torch.set_num_threads(1)
    for variant in sys.argv[1:] or VARIANTS:
        make(variant)
