#!/usr/bin/env python3
"""Makes the seeds of the fuzzers that are no plain text: a whole model in a small GGUF file, rows in Parquet and gzip, small
weights, and templates of the chat-template fixtures. The others beside them are written by hand.

Usage: python make_seeds.py     (packages: ../requirements.txt)
"""
import gzip
import json
from pathlib import Path

import gguf
import numpy as np
import pyarrow
import pyarrow.parquet
from safetensors.numpy import save_file

HERE = Path(__file__).resolve().parent
TEMPLATES = ["gemma-3", "llama-3.1", "mistral-v7", "phi-4", "qwen-3", "smollm2"]
TOKENS = ["<s>", "</s>", "h", "e", "l", "o", "\u0120", "he", "ll", "hell", "hello", "\u0120hello"]
MERGES = ["h e", "l l", "he ll", "hell o", "\u0120 hello"]


def folder(name):
    path = HERE / name
    path.mkdir(exist_ok=True)
    return path


def model():
    """One block of width 32, so that its rows are whole blocks of every simple quantisation."""
    generator = np.random.default_rng(1)
    writer = gguf.GGUFWriter(folder("gguf") / "model.gguf", "llama")
    writer.add_context_length(64)
    writer.add_embedding_length(32)
    writer.add_block_count(1)
    writer.add_feed_forward_length(32)
    writer.add_head_count(2)
    writer.add_head_count_kv(1)
    writer.add_layer_norm_rms_eps(1e-6)
    writer.add_rope_freq_base(10000.0)
    writer.add_rope_dimension_count(16)
    writer.add_vocab_size(len(TOKENS))
    writer.add_tokenizer_model("gpt2")
    writer.add_tokenizer_pre("smollm")
    writer.add_token_list(TOKENS)
    writer.add_token_types([3, 3] + [1] * (len(TOKENS) - 2))
    writer.add_token_merges(MERGES)
    writer.add_bos_token_id(0)
    writer.add_eos_token_id(1)
    writer.add_add_bos_token(True)
    writer.add_chat_template("{% for m in messages %}{{ m['content'] }}{% endfor %}")
    shapes = {
        "token_embd": (len(TOKENS), 32, "Q8_0"), "output_norm": (32, "F32"), "blk.0.attn_norm": (32, "F32"),
        "blk.0.ffn_norm": (32, "F32"), "blk.0.attn_q": (32, 32, "Q4_0"), "blk.0.attn_k": (16, 32, "Q4_1"),
        "blk.0.attn_v": (16, 32, "F16"), "blk.0.attn_output": (32, 32, "Q8_0"), "blk.0.ffn_gate": (32, 32, "BF16"),
        "blk.0.ffn_up": (32, 32, "Q5_0"), "blk.0.ffn_down": (32, 32, "Q5_1"),
    }
    for name, (*shape, kind) in shapes.items():
        values = generator.normal(size=shape).astype(np.float32)
        quantisation = gguf.GGMLQuantizationType[kind]
        writer.add_tensor(name + ".weight", gguf.quants.quantize(values, quantisation), raw_dtype=quantisation)
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()


def weights():
    generator = np.random.default_rng(1)
    save_file(
        {"a.lora_A.weight": generator.normal(size=(2, 4)).astype(np.float32),
         "a.lora_B.weight": generator.normal(size=(3, 2)).astype(np.float16),
         "steps": np.arange(3, dtype=np.int64), "empty": np.zeros((0, 4), np.float32)},
        folder("safetensors") / "mixed.safetensors", metadata={"format": "pt"})


def rows():
    """The first byte is the format's, as DatasetFuzzer reads it."""
    table = pyarrow.table({
        "prompt": [f"text {i % 3}" for i in range(8)], "n": list(range(8)), "list": [[i, 2] for i in range(8)],
        "struct": [{"a": i} for i in range(8)], "none": pyarrow.array([None] * 8, pyarrow.string())})
    for name, compression in {"plain": "none", "snappy": "snappy"}.items():
        sink = pyarrow.BufferOutputStream()
        pyarrow.parquet.write_table(table, sink, compression=compression)
        (folder("dataset") / (name + ".parquet")).write_bytes(b"p" + sink.getvalue().to_pybytes())
    (folder("dataset") / "rows.jsonl.gz").write_bytes(b"z" + gzip.compress(b'{"prompt":"a","completion":"b"}\n', mtime=0))


def templates():
    for name in TEMPLATES:
        fixture = json.loads((HERE.parent / "chat-templates/fixtures" / (name + ".json")).read_text())
        (folder("chat-template") / (name + ".jinja")).write_text(fixture["template"])


if __name__ == "__main__":
    model()
    weights()
    rows()
    templates()
