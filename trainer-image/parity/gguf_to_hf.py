"""Writes a GGUF Llama model as a float32 Hugging Face folder, dequantised by transformers. Usage: gguf_to_hf.py MODEL.gguf OUT_DIR"""
import os
import sys

os.environ["HF_HUB_OFFLINE"] = "1"
import torch
from transformers import AutoModelForCausalLM, AutoTokenizer

gguf, out = os.path.abspath(sys.argv[1]), sys.argv[2]
folder, file = os.path.split(gguf)
quantised = AutoModelForCausalLM.from_pretrained(folder, gguf_file=file, dtype=torch.float32)
config = quantised.config
del config.quantization_config
plain = type(quantised)(config)
plain.load_state_dict(quantised.state_dict())
plain.save_pretrained(out)
AutoTokenizer.from_pretrained(folder, gguf_file=file).save_pretrained(out)
