"""The small random models of the fixtures: one of each family and of each setting that changes the mathematics.

Shapes are odd on purpose: head sizes that are not width / heads, shared key-value heads, windows and original lengths
shorter than the rows, biases and norms that are not their initial values.
"""
from transformers import (Gemma2Config, Gemma3TextConfig, GPT2Config, GPTNeoConfig, LlamaConfig, MistralConfig, OPTConfig, Phi3Config,
                          PhiConfig, Qwen2Config, Qwen3Config, SmolLM3Config)

SIZES = dict(vocab_size=61, hidden_size=24, intermediate_size=40, num_hidden_layers=2, num_attention_heads=4, num_key_value_heads=2,
             max_position_embeddings=128, initializer_range=0.25, attn_implementation="eager")
NO_TOKENS = dict(pad_token_id=None, bos_token_id=None, eos_token_id=None)
ROPE = {"rope_type": "default", "rope_theta": 500.0}


def sized(config, **changes):
    return config(**{**SIZES, **NO_TOKENS, "rms_norm_eps": 1e-5, **changes})


ALL_LLAMA = ["q_proj", "k_proj", "v_proj", "o_proj", "gate_proj", "up_proj", "down_proj"]
# folder: configuration, targets of the adapter
MODELS = {
    "llama-tied": (lambda: sized(LlamaConfig, head_dim=10, rope_parameters=ROPE, tie_word_embeddings=True), ALL_LLAMA),
    "llama-untied": (lambda: sized(LlamaConfig, head_dim=10, rope_parameters=ROPE), ["q_proj", "v_proj", "down_proj"]),
    "llama3-biased": (lambda: sized(LlamaConfig, head_dim=10, attention_bias=True, mlp_bias=True, rope_parameters={
        "rope_type": "llama3", "rope_theta": 500.0, "factor": 8.0, "low_freq_factor": 1.0, "high_freq_factor": 4.0,
        "original_max_position_embeddings": 32}), ALL_LLAMA),
    "llama-linear": (lambda: sized(LlamaConfig, head_dim=10, rope_parameters={**ROPE, "rope_type": "linear", "factor": 4.0}), ["q_proj"]),
    "mistral": (lambda: sized(MistralConfig, head_dim=10, sliding_window=16, rope_parameters=ROPE), ALL_LLAMA),
    "qwen2": (lambda: sized(Qwen2Config, num_hidden_layers=3, rope_parameters=ROPE, use_sliding_window=True, sliding_window=16,
                            max_window_layers=1), ALL_LLAMA),
    "qwen3": (lambda: sized(Qwen3Config, head_dim=10, rope_parameters=ROPE, tie_word_embeddings=True), ALL_LLAMA),
    "smollm3": (lambda: sized(SmolLM3Config, num_hidden_layers=3, no_rope_layer_interval=2, rope_parameters=ROPE), ALL_LLAMA),
    "gemma2": (lambda: sized(Gemma2Config, head_dim=10, num_hidden_layers=3, query_pre_attn_scalar=17, sliding_window=16,
                             attn_logit_softcapping=3.0, final_logit_softcapping=5.0, rope_parameters=ROPE), ALL_LLAMA),
    "gemma3": (lambda: sized(Gemma3TextConfig, head_dim=10, num_hidden_layers=3, query_pre_attn_scalar=17, sliding_window=16,
                             layer_types=["sliding_attention", "full_attention", "sliding_attention"], attention_bias=True,
                             rope_parameters={"sliding_attention": ROPE, "full_attention": {
                                 "rope_type": "linear", "rope_theta": 3000.0, "factor": 2.0}}), ALL_LLAMA),
}
