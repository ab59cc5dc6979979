"""Writes a Llama of one billion random weights (the shape of Llama 3.2 1B with SmolLM2's vocabulary). Usage: random_1b.py TOKENIZER_DIR OUT_DIR DTYPE"""
import os
import sys

os.environ["HF_HUB_OFFLINE"] = "1"
import torch
from transformers import AutoTokenizer, LlamaConfig, LlamaForCausalLM

tokenizer_folder, out, dtype = sys.argv[1:]
tokenizer = AutoTokenizer.from_pretrained(tokenizer_folder)
torch.manual_seed(1)
config = LlamaConfig(vocab_size=len(tokenizer), hidden_size=2048, intermediate_size=8192, num_hidden_layers=16, num_attention_heads=32,
                     num_key_value_heads=8, head_dim=64, max_position_embeddings=2048, rope_theta=500000.0, tie_word_embeddings=True,
                     bos_token_id=tokenizer.bos_token_id, eos_token_id=tokenizer.eos_token_id)
torch.set_default_dtype(getattr(torch, dtype))
LlamaForCausalLM(config).save_pretrained(out)
tokenizer.save_pretrained(out)
