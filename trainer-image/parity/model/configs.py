"""The small random models of the fixtures: one of each family and of each setting that changes the mathematics.

Shapes are odd on purpose: head sizes that are not width / heads, shared key-value heads, windows and original lengths
shorter than the rows, biases and norms that are not their initial values.
"""
from transformers import (GemmaConfig, Gemma2Config, Gemma3TextConfig, GPT2Config, GPTNeoConfig, LlamaConfig, MistralConfig, OPTConfig, Phi3Config,
                          PhiConfig, Qwen2Config, Qwen3Config, SmolLM3Config)

SIZES = dict(vocab_size=61, hidden_size=24, intermediate_size=40, num_hidden_layers=2, num_attention_heads=4, num_key_value_heads=2,
             max_position_embeddings=128, initializer_range=0.25, attn_implementation="eager")
NO_TOKENS = dict(pad_token_id=None, bos_token_id=None, eos_token_id=None)
ROPE = {"rope_type": "default", "rope_theta": 500.0}


def sized(config, **changes):
    return config(**{**SIZES, **NO_TOKENS, "rms_norm_eps": 1e-5, **changes})


GPT = dict(vocab_size=61, activation_function="gelu_new", initializer_range=0.25, resid_dropout=0, **NO_TOKENS)
ALL_LLAMA = ["q_proj", "k_proj", "v_proj", "o_proj", "gate_proj", "up_proj", "down_proj"]
# folder: configuration, targets of the adapter
MODELS = {
    "llama-tied": (lambda: sized(LlamaConfig, head_dim=10, rope_parameters=ROPE, tie_word_embeddings=True), ALL_LLAMA),
    "llama-untied": (lambda: sized(LlamaConfig, head_dim=10, rope_parameters=ROPE), ["q_proj", "v_proj", "down_proj"]),
    "llama3-biased": (lambda: sized(LlamaConfig, head_dim=10, attention_bias=True, mlp_bias=True, rope_parameters={
        "rope_type": "llama3", "rope_theta": 500.0, "factor": 8.0, "low_freq_factor": 1.0, "high_freq_factor": 4.0,
        "original_max_position_embeddings": 32}), ALL_LLAMA),
    "llama-linear": (lambda: sized(LlamaConfig, head_dim=10, rope_parameters={**ROPE, "rope_type": "linear", "factor": 4.0}), ["q_proj"]),
    "llama-dynamic": (lambda: sized(LlamaConfig, head_dim=10, max_position_embeddings=20, rope_parameters={
        **ROPE, "rope_type": "dynamic", "factor": 4.0}), ["q_proj"]),
    "llama-yarn": (lambda: sized(LlamaConfig, head_dim=10, rope_parameters={
        **ROPE, "rope_type": "yarn", "factor": 4.0, "original_max_position_embeddings": 64, "beta_fast": 4.0}), ["q_proj"]),
    "mistral": (lambda: sized(MistralConfig, head_dim=10, sliding_window=16, rope_parameters=ROPE), ALL_LLAMA),
    "qwen2": (lambda: sized(Qwen2Config, num_hidden_layers=3, rope_parameters=ROPE, use_sliding_window=True, sliding_window=16,
                            max_window_layers=1), ALL_LLAMA),
    "qwen3": (lambda: sized(Qwen3Config, head_dim=10, rope_parameters=ROPE, tie_word_embeddings=True), ALL_LLAMA),
    "smollm3": (lambda: sized(SmolLM3Config, num_hidden_layers=3, no_rope_layer_interval=2, rope_parameters=ROPE), ALL_LLAMA),
    "gemma": (lambda: sized(GemmaConfig, head_dim=10, initializer_range=0.1, rope_parameters=ROPE), ALL_LLAMA),
    "gemma2": (lambda: sized(Gemma2Config, head_dim=10, num_hidden_layers=3, query_pre_attn_scalar=17, sliding_window=16,
                             attn_logit_softcapping=3.0, final_logit_softcapping=5.0, rope_parameters=ROPE), ALL_LLAMA),
    "gemma3": (lambda: sized(Gemma3TextConfig, head_dim=10, num_hidden_layers=3, query_pre_attn_scalar=17, sliding_window=16,
                             layer_types=["sliding_attention", "full_attention", "sliding_attention"], attention_bias=True,
                             rope_parameters={"sliding_attention": ROPE, "full_attention": {
                                 "rope_type": "linear", "rope_theta": 3000.0, "factor": 2.0}}), ALL_LLAMA),
    "phi": (lambda: sized(PhiConfig, hidden_size=32, layer_norm_eps=1e-5, rope_parameters={**ROPE, "partial_rotary_factor": 0.5}),
            ["q_proj", "k_proj", "v_proj", "dense", "fc1", "fc2"]),
    "phi-tied": (lambda: sized(PhiConfig, hidden_size=32, layer_norm_eps=1e-5, hidden_act="gelu", tie_word_embeddings=True,
                               rope_parameters={**ROPE, "partial_rotary_factor": 0.25}), ["fc1"]),
    "phi3": (lambda: sized(Phi3Config, hidden_size=32, sliding_window=20, rope_parameters=ROPE), "all-linear"),
    "phi3-longrope": (lambda: sized(Phi3Config, hidden_size=32, original_max_position_embeddings=32, rope_parameters={
        **ROPE, "rope_type": "longrope", "partial_rotary_factor": 0.75, "short_factor": [1.0, 1.1, 1.3],
        "long_factor": [1.5, 2.5, 4.0]}), ["qkv_proj", "gate_up_proj", "down_proj"]),
    "opt": (lambda: OPTConfig(vocab_size=61, hidden_size=24, ffn_dim=40, num_hidden_layers=2, num_attention_heads=4, dropout=0.0,
                              max_position_embeddings=100, word_embed_proj_dim=24, init_std=0.25, **NO_TOKENS),
            ["q_proj", "k_proj", "v_proj", "out_proj", "fc1", "fc2"]),
    "opt-350m": (lambda: OPTConfig(vocab_size=61, hidden_size=24, ffn_dim=40, num_hidden_layers=2, num_attention_heads=4, dropout=0.0,
                                   max_position_embeddings=100, word_embed_proj_dim=18, do_layer_norm_before=False, init_std=0.25,
                                   **NO_TOKENS), "all-linear"),
    "opt-untied": (lambda: OPTConfig(vocab_size=61, hidden_size=24, ffn_dim=40, num_hidden_layers=2, num_attention_heads=4, dropout=0.0,
                                     max_position_embeddings=100, word_embed_proj_dim=18, enable_bias=False, init_std=0.25,
                                     tie_word_embeddings=False, **NO_TOKENS), ["v_proj", "project_out"]),
    "gpt-neo": (lambda: GPTNeoConfig(**GPT, hidden_size=24, num_layers=3, num_heads=4, intermediate_size=40, window_size=16,
                                     max_position_embeddings=128, attention_types=[[["global", "local"], 1], [["global"], 1]]),
                ["q_proj", "k_proj", "v_proj", "out_proj", "c_fc", "c_proj"]),
    "gpt2": (lambda: GPT2Config(**GPT, n_embd=24, n_layer=2, n_head=4, n_inner=40, n_positions=128, resid_pdrop=0.0, embd_pdrop=0.0,
                                attn_pdrop=0.0), ["c_attn", "c_proj", "c_fc"]),
    "gpt2-scaled": (lambda: GPT2Config(**GPT, n_embd=24, n_layer=2, n_head=4, n_positions=128, resid_pdrop=0.0, embd_pdrop=0.0,
                                       attn_pdrop=0.0, scale_attn_by_inverse_layer_idx=True, tie_word_embeddings=False),
                    ["mlp.c_proj"]),
}
