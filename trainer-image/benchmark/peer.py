"""TRL + PEFT on this machine's CPU, as a user of TRL would run it.

Prints one JSON line: seconds a step, real (non-padding) tokens a second after the untimed warm-up steps, peak RSS in bytes, losses.
Rows are taken in file order, so that the other side trains on the same batches.
"""
import argparse
import json
import os
import resource
import time

os.environ["HF_HUB_OFFLINE"] = "1"
import peft
import torch
from bitsandbytes.functional import dequantize_4bit
from datasets import load_dataset
from peft import LoraConfig
from peft.tuners.lora.bnb import Linear4bit
from transformers import AutoModelForCausalLM, AutoTokenizer, BitsAndBytesConfig, TrainerCallback
from trl import SFTConfig, SFTTrainer

parser = argparse.ArgumentParser(description=__doc__)
parser.add_argument("--model", required=True)
parser.add_argument("--data", required=True)
parser.add_argument("--steps", type=int, required=True)
parser.add_argument("--untimed-steps", type=int, default=3)
parser.add_argument("--batch", type=int, default=8)
parser.add_argument("--dtype", choices=["float32", "bfloat16"], default="float32")
parser.add_argument("--max-length", type=int, default=512)
parser.add_argument("--learning-rate", type=float, default=2e-4)
parser.add_argument("--recompute", action="store_true", help="gradient checkpointing")
parser.add_argument("--packing", action="store_true", help="rows share sequences of the largest length")
parser.add_argument("--quantized", action="store_true", help="frozen weights in NF4 (QLoRA)")
parser.add_argument("--dora", action="store_true", help="magnitudes and directions apart")
parser.add_argument("--embedding", action="store_true", help="an adapter on the embedding, too")
parser.add_argument("--round-once", action="store_true",
                    help="round a linear's output to bfloat16 after the adapter's part is added, not before and after; adapters stay in float32 on NF4, too")
parser.add_argument("--initial-adapter", help="where the adapter is written before the first step")
parser.add_argument("--initial-adapter-only", action="store_true", help="write it and stop")
arguments = parser.parse_args()

# SmolLM2's own template with the marks that TRL needs to find what an assistant says, placed as in TRL's own training templates.
CHAT_TEMPLATE = r"""
{%- for message in messages %}{% if loop.first and message.role != 'system' -%}
{{ '<|im_start|>system\nYou are a helpful AI assistant named SmolLM, trained by Hugging Face<|im_end|>\n' }}{% endif %}
{{- '<|im_start|>' + message.role + '\n' }}{% set rest = message.content + '<|im_end|>\n' %}
{%- if message.role == 'assistant' %}{% generation %}{{ rest }}{% endgeneration %}{% else %}{{ rest }}{% endif %}{% endfor %}"""


def rounded_once(self, x, *_, **__):
    """PEFT's LoRA linear with one difference: base and adapter are added in float32, as the sums inside a product are."""
    name, linear = self.active_adapters[0], torch.nn.functional.linear
    with torch.autocast("cpu", enabled=False):
        a, b = self.lora_A[name].weight.to(x.dtype).float(), (self.lora_B[name].weight * self.scaling[name]).to(x.dtype).float()
        low = linear(x.float(), a).to(x.dtype).float()
        weight = self.base_layer.weight
        if arguments.quantized:
            weight = dequantize_4bit(weight, weight.quant_state)
        return (linear(x.float(), weight.float()) + linear(low, b)).to(x.dtype)


if arguments.round_once:
    (Linear4bit if arguments.quantized else peft.tuners.lora.layer.Linear).forward = rounded_once
torch.manual_seed(1)
tokenizer = AutoTokenizer.from_pretrained(arguments.model)
dtype = getattr(torch, arguments.dtype)
quantization = BitsAndBytesConfig(load_in_4bit=True, bnb_4bit_quant_type="nf4", bnb_4bit_compute_dtype=dtype) if arguments.quantized else None
model = AutoModelForCausalLM.from_pretrained(arguments.model, dtype=dtype, quantization_config=quantization)
rows = load_dataset("json", data_files=arguments.data, split="train")
chat = "messages" in rows.column_names
if chat:
    rendered = tokenizer.apply_chat_template(rows[0]["messages"], tokenize=False)
    tokenizer.chat_template = CHAT_TEMPLATE
    assert tokenizer.apply_chat_template(rows[0]["messages"], tokenize=False) == rendered
settings = SFTConfig(
    output_dir=os.path.join(os.environ.get("TMPDIR", "/tmp"), "trl-peer"), max_steps=arguments.steps, per_device_train_batch_size=arguments.batch,
    learning_rate=arguments.learning_rate, lr_scheduler_type="constant", logging_steps=1, save_strategy="no", report_to="none", seed=1,
    bf16=arguments.dtype == "bfloat16", max_length=arguments.max_length, gradient_checkpointing=arguments.recompute, use_cpu=True, shuffle_dataset=False,
    disable_tqdm=True, packing=arguments.packing, assistant_only_loss=chat,
)
lora = LoraConfig(r=16, lora_alpha=32, lora_dropout=0.0, bias="none", task_type="CAUSAL_LM",
                  target_modules=["q_proj", "k_proj", "v_proj", "o_proj", "gate_proj", "up_proj", "down_proj", *(["embed_tokens"] if arguments.embedding else [])],
                  use_dora=arguments.dora)
trainer = SFTTrainer(model=model, args=settings, processing_class=tokenizer, peft_config=lora, train_dataset=rows)
if arguments.round_once:
    for parameter in filter(lambda p: p.requires_grad, trainer.model.parameters()):
        parameter.data = parameter.data.float()
if arguments.initial_adapter:
    trainer.model.save_pretrained(arguments.initial_adapter)
    if arguments.initial_adapter_only:
        raise SystemExit(0)
trainer._get_train_sampler = lambda *_: torch.utils.data.SequentialSampler(trainer.train_dataset)


tokens, training_step = 0, trainer.training_step


def counted(model, inputs, *rest):
    """transformers' own count takes the end of a text for padding where both are one token and no mask is given."""
    global tokens
    tokens += int(inputs["attention_mask"].sum()) if "attention_mask" in inputs else inputs["input_ids"].numel()
    return training_step(model, inputs, *rest)


trainer.training_step = counted


class Clock(TrainerCallback):
    def on_step_end(self, args, state, control, **_):
        if state.global_step == 1:
            self.first = time.time() - float(os.environ["BENCHMARK_STARTED"])

    def on_step_begin(self, args, state, control, **_):
        if state.global_step == arguments.untimed_steps:
            self.start, self.tokens = time.perf_counter(), tokens

    def on_train_end(self, args, state, control, **_):
        seconds = time.perf_counter() - self.start
        print(json.dumps({
            "side": "trl", "steps": state.global_step, "tokensPerSecond": round((tokens - self.tokens) / seconds, 1),
            "secondsToFirstStep": round(self.first, 2),
            "peakRssBytes": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024,
            "losses": [float(entry["loss"]) for entry in state.log_history if "loss" in entry],
        }))


trainer.add_callback(Clock())
trainer.train()
