"""`lora-trainer merge` against PEFT; see README.md."""
import pathlib
import subprocess
import sys
import tempfile

import torch
import transformers
from peft import LoraConfig, PeftModel, get_peft_model
from tokenizers import Tokenizer, models
from transformers import (AutoConfig, AutoModelForCausalLM, AutoTokenizer, GPT2Config, LlamaConfig, Phi3Config, PhiConfig, PreTrainedTokenizerFast,
                          Qwen2Config)

transformers.logging.set_verbosity_error()
transformers.logging.disable_progress_bar()
CHECKOUT = pathlib.Path(__file__).resolve().parents[3]
BOUND = 1e-4
SMALL = dict(vocab_size=99, bos_token_id=1, eos_token_id=1, hidden_size=48, intermediate_size=80, num_hidden_layers=2, num_attention_heads=4, num_key_value_heads=2,
             max_position_embeddings=64, pad_token_id=0)

# name, configuration, adapter, shard size
CASES = [
    ("llama, tied", LlamaConfig(**SMALL, tie_word_embeddings=True), dict(target_modules="all-linear"), None),
    ("qwen2, rank-stabilised, in shards", Qwen2Config(**SMALL), dict(target_modules=["q_proj", "down_proj"], use_rslora=True), 30_000),
    ("phi3, merged projections", Phi3Config(**SMALL), dict(target_modules=["qkv_proj", "gate_up_proj", "o_proj"]), None),
    ("gpt2, transposed weights", GPT2Config(vocab_size=99, bos_token_id=1, eos_token_id=1, n_embd=48, n_layer=2, n_head=4, n_positions=64),
     dict(target_modules=["c_attn", "c_proj", "c_fc"], fan_in_fan_out=True), None),
    ("phi, biases, head in full", PhiConfig(**SMALL), dict(target_modules=["q_proj", "fc2"], bias="lora_only", modules_to_save=["lm_head"]), None),
    ("gpt2, all biases", GPT2Config(vocab_size=99, bos_token_id=1, eos_token_id=1, n_embd=48, n_layer=2, n_head=4, n_positions=64),
     dict(target_modules=["c_attn"], fan_in_fan_out=True, bias="all"), None),
    ("llama, tied, embedding in full", LlamaConfig(**SMALL, tie_word_embeddings=True),
     dict(target_modules=["o_proj"], modules_to_save=["embed_tokens"], ensure_weight_tying=True), None),
    ("llama, DoRA", LlamaConfig(**SMALL), dict(target_modules="all-linear", use_dora=True), None),
    ("gpt2, DoRA", GPT2Config(vocab_size=99, bos_token_id=1, eos_token_id=1, n_embd=48, n_layer=2, n_head=4, n_positions=64),
     dict(target_modules=["c_attn", "c_proj", "c_fc"], fan_in_fan_out=True, use_dora=True, use_rslora=True), None),
    ("llama, embedding and head", LlamaConfig(**SMALL, attention_bias=True), dict(target_modules=["embed_tokens", "lm_head", "q_proj"]), 30_000),
    ("llama, tied, embedding", LlamaConfig(**SMALL, tie_word_embeddings=True), dict(target_modules=["embed_tokens", "v_proj"]), None),
    ("gpt2, tied, head", GPT2Config(vocab_size=99, bos_token_id=1, eos_token_id=1, n_embd=48, n_layer=2, n_head=4, n_positions=64),
     dict(target_modules=["lm_head", "c_attn"], fan_in_fan_out=True), None),
    ("gpt2, tied, embedding and head, bare", GPT2Config(vocab_size=99, bos_token_id=1, eos_token_id=1, n_embd=48, n_layer=2, n_head=4, n_positions=64),
     dict(target_modules=["wte", "lm_head"]), None),
    ("llama, patterns", LlamaConfig(**SMALL),
     dict(target_modules=["q_proj", "v_proj"], rank_pattern={"v_proj": 2}, alpha_pattern={"layers.1.self_attn.q_proj": 3}), None),
]


def check(name, config, adapter, shard_bytes, dtype, work):
    torch.manual_seed(0)
    base = AutoModelForCausalLM.from_config(config, dtype=dtype).eval()
    for parameter in base.parameters():
        torch.nn.init.normal_(parameter, std=0.1)
    (base.transformer if name.endswith("bare") else base).save_pretrained(work / "base")  # names as those of the hub's gpt2
    words = {f"w{i}": i for i in range(config.vocab_size)}
    PreTrainedTokenizerFast(tokenizer_object=Tokenizer(models.WordLevel(words, unk_token="w0")), eos_token="w1").save_pretrained(work / "base")
    model = get_peft_model(base, LoraConfig(r=4, lora_alpha=9, **adapter))
    for key, parameter in model.named_parameters():
        if "magnitude" in key:
            parameter.data.mul_(torch.rand(parameter.shape) + 0.5)
        elif "lora_" in key:
            torch.nn.init.normal_(parameter, std=0.4)
        elif parameter.requires_grad:
            parameter.data.add_(torch.randn(parameter.shape), alpha=0.1)
    model.save_pretrained(work / "adapter")
    command = [str(CHECKOUT / "trainer-image/lora-trainer"), "merge", "--base-model", str(work / "base"), "--adapter", str(work / "adapter"),
               "--output", str(work / "merged")]
    subprocess.run(command + (["--shard-bytes", str(shard_bytes)] if shard_bytes else []), check=True, stdout=subprocess.DEVNULL)

    ids = torch.arange(40).reshape(2, 20)
    ours = AutoModelForCausalLM.from_pretrained(work / "merged", dtype="auto").eval()
    assert ours.dtype == dtype, ours.dtype
    assert AutoTokenizer.from_pretrained(work / "merged").eos_token == "w1"
    assert AutoConfig.from_pretrained(work / "merged").to_dict().items() >= {"vocab_size": 99}.items()
    together = PeftModel.from_pretrained(AutoModelForCausalLM.from_pretrained(work / "base", dtype=dtype), work / "adapter").eval()
    with torch.no_grad():
        expected, merged, plain = together(ids).logits, ours(ids).logits, AutoModelForCausalLM.from_pretrained(work / "base", dtype=dtype)(ids).logits
        weights = together.merge_and_unload().state_dict()
        if config.tie_word_embeddings and any(key.endswith(("embed_tokens", "wte", "lm_head")) for key in adapter["target_modules"]):
            # PEFT's merge changes both of two that are tied, other than the adapter; ours unties them.
            assert not ours.config.tie_word_embeddings
            weights = {key: value for key, value in weights.items() if "layers." in key or "transformer.h." in key}
    files = len(list((work / "merged").glob("*.safetensors")))
    difference = (merged - expected).abs().max().item()
    changed = (merged - plain).abs().max().item()
    largest = max((ours.state_dict()[key].float() - value.float()).abs().max().item() for key, value in weights.items())
    print(f"{name:36s} {str(dtype)[6:]:9s} {files} file(s): logits differ by {difference:.1e} (from the base's by {changed:.1e}), weights by {largest:.1e}")
    assert changed > 0.01, "the adapter changes too little to tell"
    return dtype != torch.float32 or (difference <= BOUND and largest <= BOUND)


def main():
    good = True
    for case in CASES:
        for dtype in [torch.float32, torch.bfloat16]:
            with tempfile.TemporaryDirectory() as work:
                good = check(*case, dtype, pathlib.Path(work)) and good
    print("all within bounds" if good else f"a float32 difference is over {BOUND}")
    sys.exit(0 if good else 1)


main()
