"""Writes small random models as GGUF, by llama.cpp's own converter, with what transformers computes from them.

Usage: python make_fixtures.py LLAMA_CPP [MODEL ...]   (packages: ../requirements.txt; LLAMA_CPP: see README.md)

For each model fixtures/MODEL.gguf in float32 (one of them in fixtures/sharded as well), and fixtures/MODEL.safetensors with token ids and their logits by transformers of the
same model before the conversion. Ids of the corpus by the tokenizer that was converted are in fixtures/tokens.json.
"""
import json
import os
import sys
import tempfile
from pathlib import Path

os.environ["HF_HUB_OFFLINE"] = "1"
LLAMA_CPP = Path(sys.argv[1])
sys.path[:0] = [str(LLAMA_CPP), str(LLAMA_CPP / "gguf-py")]

import gguf
import sentencepiece
import torch
from conversion import ModelType, get_model_architecture, get_model_class
from conversion.base import ModelBase
from safetensors.torch import save_file
from tokenizers import Regex, Tokenizer, decoders, models, pre_tokenizers, trainers
from transformers import (AutoModelForCausalLM, GemmaConfig, Gemma2Config, Gemma3TextConfig, GPT2Config, LlamaConfig, MistralConfig, Phi3Config,
                          PhiConfig, PreTrainedTokenizerFast, Qwen2Config, Qwen3Config, SmolLM3Config)

HERE = Path(__file__).resolve().parent
OUT = HERE / "fixtures"
SHARDED = "qwen2"  # in several files, too
CORPUS = json.loads((HERE.parent / "checkpoint" / "corpus.json").read_text(encoding="utf-8"))
VOCABULARY, TOKENS = 480, 48
SIZES = dict(vocab_size=VOCABULARY, hidden_size=24, intermediate_size=40, num_hidden_layers=2, num_attention_heads=4, num_key_value_heads=2,
             max_position_embeddings=128, initializer_range=0.25, rms_norm_eps=1e-5, pad_token_id=0, bos_token_id=1, eos_token_id=2)
ROPE = {"rope_type": "default", "rope_theta": 500.0}
LLAMA3_CUT = (r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+")


def sized(config, **changes):
    return config(**{**SIZES, "rope_parameters": ROPE, **changes})


# configuration, and the tokenizer that real models of the family have
MODELS = {
    "llama": (lambda: sized(LlamaConfig, head_dim=10, attention_bias=True, rope_parameters={
        "rope_type": "llama3", "rope_theta": 500000.0, "factor": 8.0, "low_freq_factor": 1.0, "high_freq_factor": 4.0,
        "original_max_position_embeddings": 8192}), "llama"),
    "llama-yarn": (lambda: sized(LlamaConfig, rope_parameters={
        "rope_type": "yarn", "rope_theta": 500.0, "factor": 4.0, "original_max_position_embeddings": 32}), "llama-bpe"),
    "mistral": (lambda: sized(MistralConfig, head_dim=10, sliding_window=None), "llama"),
    "qwen2": (lambda: sized(Qwen2Config, tie_word_embeddings=True), "qwen2"),
    "qwen3": (lambda: sized(Qwen3Config, head_dim=10), "qwen2"),
    "smollm3": (lambda: sized(SmolLM3Config, num_hidden_layers=5), "llama-bpe"),
    "gemma": (lambda: sized(GemmaConfig, head_dim=10, rope_parameters={**ROPE, "rope_theta": 10000.0}), "gemma"),
    "gemma2": (lambda: sized(Gemma2Config, head_dim=10, num_hidden_layers=3, query_pre_attn_scalar=10, sliding_window=16,
                             attn_logit_softcapping=3.0, final_logit_softcapping=5.0, rope_parameters={**ROPE, "rope_theta": 10000.0}), "gemma"),
    "gemma3": (lambda: sized(Gemma3TextConfig, head_dim=10, initializer_range=0.15, num_hidden_layers=7, query_pre_attn_scalar=10, sliding_window=16,
                             rope_parameters={"sliding_attention": ROPE, "full_attention": {
                                 "rope_type": "linear", "rope_theta": 3000.0, "factor": 2.0}}), "gemma"),
    "phi2": (lambda: sized(PhiConfig, hidden_size=32, intermediate_size=128, num_key_value_heads=4, layer_norm_eps=1e-5,
                           rope_parameters={"rope_type": "default", "rope_theta": 10000.0, "partial_rotary_factor": 0.5}), "phi-2"),
    "phi3": (lambda: sized(Phi3Config, hidden_size=32, sliding_window=20, original_max_position_embeddings=128), "phi3"),
    "phi3-longrope": (lambda: sized(Phi3Config, hidden_size=32, sliding_window=None, original_max_position_embeddings=32, rope_parameters={
        **ROPE, "rope_type": "longrope", "partial_rotary_factor": 0.75, "original_max_position_embeddings": 32,
        "short_factor": [1.0, 1.1, 1.3], "long_factor": [1.5, 2.5, 4.0]}), "phi3"),
    "gpt2": (lambda: GPT2Config(vocab_size=VOCABULARY, n_embd=24, n_layer=2, n_head=4, n_positions=128, n_ctx=128, initializer_range=0.25,
                                bos_token_id=1, eos_token_id=1), "gpt-2"),
}


def byte_level(folder, pre):
    """A byte-level BPE whose cut is the one that GGUF calls so."""
    cut = {"llama-bpe": LLAMA3_CUT, "qwen2": LLAMA3_CUT.replace(r"\p{N}{1,3}", r"\p{N}")}.get(pre)
    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False) if cut is None else pre_tokenizers.Sequence([
        pre_tokenizers.Split(Regex(cut), behavior="isolated"), pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False)])
    tokenizer.decoder = decoders.ByteLevel()
    specials = ["<|pad|>", "<|endoftext|>", "<|im_end|>"]
    tokenizer.train_from_iterator(CORPUS, trainers.BpeTrainer(
        vocab_size=VOCABULARY - 10, special_tokens=specials, initial_alphabet=pre_tokenizers.ByteLevel.alphabet(), show_progress=False))
    # Llama 3 does not merge what is a token as it stands
    state = json.loads(tokenizer.to_str())
    state["model"]["ignore_merges"] = pre == "llama-bpe"
    fast = PreTrainedTokenizerFast(tokenizer_object=Tokenizer.from_str(json.dumps(state)), pad_token=specials[0], bos_token=specials[1],
                                   eos_token=specials[2])
    fast.add_tokens(["<think>"])
    fast.save_pretrained(folder)
    return lambda text: fast.encode(text, add_special_tokens=False)


def sentence_piece(folder, kind):
    """A BPE by sentencepiece with bytes for what it has no piece of."""
    corpus = folder / "corpus.txt"
    corpus.write_text("\n".join(CORPUS), encoding="utf-8")
    gemma = kind == "gemma"
    roles = dict(pad_id=0, eos_id=1, bos_id=2, unk_id=3) if gemma else dict(unk_id=0, bos_id=1, eos_id=2)
    sentencepiece.SentencePieceTrainer.train(
        input=str(corpus), model_prefix=str(folder / "tokenizer"), model_type="bpe", vocab_size=VOCABULARY - 10, byte_fallback=True, character_coverage=0.98,
        normalization_rule_name="identity", remove_extra_whitespaces=False, add_dummy_prefix=not gemma, split_digits=True,
        allow_whitespace_only_pieces=True, user_defined_symbols=["<start_of_turn>", "\n\n", "▁▁"] if gemma else [],
        minloglevel=2, **roles)
    corpus.unlink()
    classes = {"gemma": "GemmaTokenizer", "phi3": "LlamaTokenizer", "llama": "LlamaTokenizer"}
    (folder / "tokenizer_config.json").write_text(json.dumps({"tokenizer_class": classes[kind]}))
    processor = sentencepiece.SentencePieceProcessor(str(folder / "tokenizer.model"))
    return processor.encode


def make(name, tokens):
    configuration, kind = MODELS[name]
    torch.manual_seed(7)
    model = AutoModelForCausalLM.from_config(configuration(), attn_implementation="eager").eval()
    for key, parameter in model.named_parameters():
        if parameter.dim() == 1:  # gains and biases that are not their initial values
            torch.nn.init.normal_(parameter, mean=1.0 if "norm.weight" in key or "ln_" in key else 0.0, std=0.2)
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary) / "tiny"  # which the file says is its name; llama.cpp does extra things for names that it knows
        model.save_pretrained(folder)
        sentences = kind in ("llama", "gemma", "phi3")
        encode = (sentence_piece if sentences else byte_level)(folder, kind)
        convert(folder, OUT / f"{name}.gguf", kind)
        if name == SHARDED:
            for old in (OUT / "sharded").glob("*.gguf"):
                old.unlink()
            convert(folder, OUT / "sharded" / f"{name}.gguf", kind, split_max_tensors=10)
    ids = torch.randint(4, VOCABULARY, (TOKENS,), generator=torch.Generator().manual_seed(8))
    with torch.no_grad():
        logits = model(input_ids=ids[None], use_cache=False).logits[0]
    save_file({"ids": ids, "logits": logits.contiguous()}, OUT / f"{name}.safetensors")
    tokens[name] = [{"text": text, "ids": encode(text)} for text in CORPUS]


def convert(folder, path, pre, **splitting):
    """convert_hf_to_gguf.py's main; the cut is given, because its recognition knows the real models' vocabularies only."""
    path.parent.mkdir(exist_ok=True)
    path.unlink(missing_ok=True)
    hparams = ModelBase.load_hparams(folder, False)
    converter = get_model_class(get_model_architecture(hparams, ModelType.TEXT))
    converter.get_vocab_base_pre = lambda self, tokenizer: pre
    with torch.inference_mode():
        converter(dir_model=folder, ftype=gguf.LlamaFileType.ALL_F32, fname_out=path, **splitting).write()


if __name__ == "__main__":
    torch.set_num_threads(1)
    OUT.mkdir(exist_ok=True)
    recorded = OUT / "tokens.json"
    tokens = json.loads(recorded.read_text(encoding="utf-8")) if recorded.exists() else {}
    for key in sys.argv[2:] or MODELS:
        make(key, tokens)
    recorded.write_text(json.dumps(tokens, ensure_ascii=False, indent=None, separators=(",", ":")) + "\n", encoding="utf-8")
