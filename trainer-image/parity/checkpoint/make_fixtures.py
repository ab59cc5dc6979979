"""Writes the fixtures that the tests of trainer-image/checkpoint compare with.

Usage: python make_fixtures.py [SMOLLM2.gguf]     (packages: ../requirements.txt; the model: ../get-smollm2)

Everything lands in fixtures/ beside this file. Reference values come from gguf-py (quantised blocks), transformers (what a
GGUF file's tensors, configuration and tokens are) and PEFT (adapters). Same versions, same files: the seeds are fixed.
"""
import hashlib
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

os.environ["HF_HUB_OFFLINE"] = "1"
if os.environ.get("PYTHONHASHSEED") != "0":
    # PEFT writes target_modules in the order of a set, which changes from one process to the next otherwise.
    os.execve(sys.executable, [sys.executable, *sys.argv], os.environ | {"PYTHONHASHSEED": "0"})

import gguf
import numpy as np
import torch
from peft import LoraConfig, get_peft_model
from safetensors.numpy import save_file
from tokenizers import AddedToken, Tokenizer, decoders, models, pre_tokenizers, trainers
from transformers import AutoModelForCausalLM, AutoTokenizer, LlamaConfig, LlamaForCausalLM

HERE = Path(__file__).resolve().parent
OUT = HERE / "fixtures"
BLOCK_TYPES = ["F32", "F16", "BF16", "Q8_0", "Q4_0", "Q4_1"]
# Where the float16 numbers of a block are, for types whose blocks are any bits but for these.
SCALES = {"Q4_K": [0, 2], "Q5_K": [0, 2], "Q6_K": [208], "Q2_K": [80, 82], "Q3_K": [108], "Q5_0": [0], "Q5_1": [0, 2], "IQ4_NL": [0], "IQ4_XS": [0]}
RANDOM_BLOCKS = 48  # so many that every value of a scale and of a weight occurs
SPECIALS = ["<|endoftext|>", "<|im_start|>", "<|im_end|>"]
# In order: one that the vocabulary has as an ordinary entry, a special one, and new ones of which one begins as another does.
NEW_TOKENS = ["int", "<|im_end|>", "<user_name>", "<user", "山田", "<user_name>"]
TEMPLATE = "{% for m in messages %}<|im_start|>{{ m['role'] }}\n{{ m['content'] }}<|im_end|>\n{% endfor %}"

torch.set_num_threads(1)


def blocks():
    """Raw blocks of every type with gguf-py's own values, among them zeros, large and tiny numbers."""
    generator = np.random.default_rng(1)
    values = generator.normal(size=(6, 64)).astype(np.float32)
    values[1] *= 1e-3
    values[2] *= 300
    values[3] = 0
    values[4, ::2] = 0
    tensors = {}

    def add(kind, raw):
        tensors[kind.name + ".type"] = np.array([kind], np.uint8)
        tensors[kind.name + ".raw"] = np.ascontiguousarray(raw).view(np.uint8)
        tensors[kind.name + ".values"] = gguf.quants.dequantize(raw, kind).astype(np.float32)

    for name in BLOCK_TYPES:
        kind = gguf.GGMLQuantizationType[name]
        add(kind, gguf.quants.quantize(values, kind))
    # gguf-py reads most of the others and does not write them: any bits are blocks, but for the scales, which must be numbers.
    factors = np.resize([[1], [1e-4], [300], [0], [-1], [1e-7]], (RANDOM_BLOCKS, 1))
    for name, scales in SCALES.items():
        kind = gguf.GGMLQuantizationType[name]
        raw = generator.integers(0, 256, size=(RANDOM_BLOCKS, gguf.GGML_QUANT_SIZES[kind][1]), dtype=np.uint8)
        for at in scales:
            raw[:, at:at + 2] = (generator.normal(size=(RANDOM_BLOCKS, 1)) * factors).astype(np.float16).view(np.uint8)
        add(kind, raw)
    save_file(tensors, OUT / "blocks.safetensors", metadata={"format": "np"})


def train_tokenizer():
    """A small byte-level BPE on this folder's corpus."""
    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.decoder = decoders.ByteLevel()
    trainer = trainers.BpeTrainer(
        vocab_size=320,
        special_tokens=SPECIALS,
        initial_alphabet=pre_tokenizers.ByteLevel.alphabet(),
        show_progress=False,
    )
    tokenizer.train_from_iterator(corpus(), trainer)
    return json.loads(tokenizer.to_str())["model"]


def permute(weights, heads):
    """The order in which llama.cpp keeps the rows of Llama's query and key projections."""
    rows = weights.shape[0]
    return weights.reshape(heads, 2, rows // heads // 2, *weights.shape[1:]).swapaxes(1, 2).reshape(weights.shape)


def tiny_llama():
    """A Llama of two blocks as GGUF in mixed types, grouped-query, untied; and what transformers reads from it."""
    vocabulary = train_tokenizer()
    torch.manual_seed(2)
    config = LlamaConfig(
        vocab_size=320, hidden_size=64, intermediate_size=96, num_hidden_layers=2, num_attention_heads=4,
        num_key_value_heads=2, max_position_embeddings=128, rms_norm_eps=1e-6, tie_word_embeddings=False,
    )
    model = LlamaForCausalLM(config)
    for parameter in model.parameters():
        torch.nn.init.normal_(parameter, std=0.05)
    state = {name: tensor.detach().numpy() for name, tensor in model.state_dict().items()}

    path = OUT / "tiny-llama.gguf"
    writer = gguf.GGUFWriter(path, "llama")
    writer.add_context_length(128)
    writer.add_embedding_length(64)
    writer.add_block_count(2)
    writer.add_feed_forward_length(96)
    writer.add_head_count(4)
    writer.add_head_count_kv(2)
    writer.add_layer_norm_rms_eps(1e-6)
    writer.add_rope_freq_base(10000.0)
    writer.add_rope_dimension_count(16)
    writer.add_vocab_size(320)
    writer.add_tokenizer_model("gpt2")
    writer.add_tokenizer_pre("smollm")
    tokens = sorted(vocabulary["vocab"], key=vocabulary["vocab"].get)
    tokens += [f"<unused_{i}>" for i in range(320 - len(tokens))]
    writer.add_token_list(tokens)
    writer.add_token_types([3 if token in SPECIALS else 1 for token in tokens])
    writer.add_token_merges([m if isinstance(m, str) else " ".join(m) for m in vocabulary["merges"]])
    writer.add_bos_token_id(1)
    writer.add_eos_token_id(2)
    writer.add_pad_token_id(2)
    writer.add_unk_token_id(0)
    writer.add_add_bos_token(False)
    writer.add_chat_template(TEMPLATE)

    names = {
        "model.embed_tokens": ("token_embd", "Q8_0"), "model.norm": ("output_norm", "F32"), "lm_head": ("output", "F16"),
        "input_layernorm": ("attn_norm", "F32"), "post_attention_layernorm": ("ffn_norm", "F32"),
        "self_attn.q_proj": ("attn_q", "Q4_1"), "self_attn.k_proj": ("attn_k", "Q4_0"), "self_attn.v_proj": ("attn_v", "Q8_0"),
        "self_attn.o_proj": ("attn_output", "BF16"), "mlp.gate_proj": ("ffn_gate", "Q4_0"), "mlp.up_proj": ("ffn_up", "Q4_1"),
        "mlp.down_proj": ("ffn_down", "F16"),
    }
    for name, values in state.items():
        module = name.removesuffix(".weight")
        block = ""
        if module.startswith("model.layers."):
            _, _, number, module = module.split(".", 3)
            block = f"blk.{number}."
        target, kind = names[module]
        if target in ("attn_q", "attn_k"):
            values = permute(values, 4 if target == "attn_q" else 2)
        kind = gguf.GGMLQuantizationType[kind]
        writer.add_tensor(f"{block}{target}.weight", gguf.quants.quantize(np.ascontiguousarray(values), kind), raw_dtype=kind)
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()

    loaded = AutoModelForCausalLM.from_pretrained(OUT, gguf_file=path.name, dtype=torch.float32)
    expected = {name: tensor.numpy() for name, tensor in loaded.state_dict().items()}
    save_file(expected, OUT / "tiny-llama.expected.safetensors", metadata={"format": "pt"})
    write_json("tiny-llama.config.json", relevant_config(loaded.config))
    tokenizer = AutoTokenizer.from_pretrained(OUT, gguf_file=path.name)
    write_json("tiny-llama.tokens.json", tokenised(tokenizer))
    tokenizer.save_pretrained(OUT / "transformers-tokenizer")
    return loaded


def added_tokens():
    """What transformers' tokenizer does with new tokens. One that is an added token already stays as it is."""
    tokenizer = AutoTokenizer.from_pretrained(OUT / "written" / "tokenizer")
    present = set(tokenizer.get_added_vocab())
    assert "int" in tokenizer.get_vocab() and "int" not in present and "<|im_end|>" in present
    tokenizer.add_tokens([AddedToken(token, normalized=False) for token in NEW_TOKENS if token not in present])
    texts = corpus() + ["<user_name>さん、<user>山田山田<user_name", "printing in mint<|im_end|>\n<user_name> x", " <user_name>int "]
    rows = [{"text": text, "ids": tokenizer(text)["input_ids"], "decoded": tokenizer.decode(tokenizer(text)["input_ids"], skip_special_tokens=True)} for text in texts]
    write_json("added.tokens.json", {"tokens": NEW_TOKENS, "ids": tokenizer.convert_tokens_to_ids(NEW_TOKENS), "size": len(tokenizer), "rows": rows})


def peft_adapter(model):
    """A small adapter as PEFT saves it."""
    folder = OUT / "peft-adapter"
    shutil.rmtree(folder, ignore_errors=True)
    torch.manual_seed(3)
    config = LoraConfig(
        r=4, lora_alpha=8, lora_dropout=0.05, target_modules=["q_proj", "v_proj", "down_proj"], task_type="CAUSAL_LM"
    )
    adapted = get_peft_model(model, config)
    for name, parameter in adapted.named_parameters():
        if "lora_B" in name:
            torch.nn.init.normal_(parameter, std=0.02)
    adapted.peft_config["default"].base_model_name_or_path = "tiny-llama"
    adapted.save_pretrained(folder)
    (folder / "README.md").unlink()


def smollm2(path):
    """Configuration, tokens, and the SHA-256 of every tensor's float32 bytes, of the real model."""
    folder, file = os.path.split(os.path.abspath(path))
    loaded = AutoModelForCausalLM.from_pretrained(folder, gguf_file=file, dtype=torch.float32)
    digests = {
        name: {"shape": list(tensor.shape), "sha256": hashlib.sha256(tensor.contiguous().numpy().tobytes()).hexdigest()}
        for name, tensor in sorted(loaded.state_dict().items())
        if name != "lm_head.weight"
    }
    write_json("smollm2.tensors.json", digests)
    write_json("smollm2.config.json", relevant_config(loaded.config))
    write_json("smollm2.tokens.json", tokenised(AutoTokenizer.from_pretrained(folder, gguf_file=file)))


def relevant_config(config):
    values = config.to_dict()
    keys = [
        "model_type", "hidden_size", "intermediate_size", "num_hidden_layers", "num_attention_heads", "num_key_value_heads",
        "rms_norm_eps", "vocab_size", "max_position_embeddings", "tie_word_embeddings", "hidden_act",
        "bos_token_id", "eos_token_id",
    ]
    result = {key: values[key] for key in keys}
    result["rope_theta"] = (values.get("rope_parameters") or values)["rope_theta"]
    return result


def corpus():
    return json.loads((HERE / "corpus.json").read_text(encoding="utf-8"))


def tokenised(tokenizer):
    rows = []
    for text in corpus():
        ids = tokenizer(text, add_special_tokens=True)["input_ids"]
        rows.append({"text": text, "ids": ids, "decoded": tokenizer.decode(ids, skip_special_tokens=True)})
    return {
        "bos": tokenizer.bos_token_id, "eos": tokenizer.eos_token_id, "pad": tokenizer.pad_token_id,
        "size": len(tokenizer), "chatTemplate": tokenizer.chat_template, "rows": rows,
    }


def write_json(name, value):
    (OUT / name).write_text(json.dumps(value, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")


if __name__ == "__main__":
    OUT.mkdir(exist_ok=True)
    model_path = sys.argv[1] if len(sys.argv) > 1 else subprocess.check_output([HERE.parent / "get-smollm2"], text=True).strip()
    blocks()
    peft_adapter(tiny_llama())
    added_tokens()
    smollm2(model_path)
    for fixture in sorted(OUT.rglob("*")):
        if fixture.is_file():
            print(f"{fixture.stat().st_size:8d}  {fixture.relative_to(OUT)}")
