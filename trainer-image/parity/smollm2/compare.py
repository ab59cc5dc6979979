"""SmolLM2-135M from its GGUF, ours against transformers and PEFT in float32.

Usage: compare.py [--adapter FOLDER]   with the python that `../venv` prints, after `./mvnw -pl trainer-image/trainer -am package -DskipTests`.
Prints the largest difference over all logits and whether 60 greedy tokens are equal; exits with 1 where a bound is missed
(1e-3 for the model from the GGUF, 1e-4 for the adapter's logits).
"""
import argparse
import json
import os
import pathlib
import subprocess
import sys
import tempfile

os.environ["HF_HUB_OFFLINE"] = "1"
import numpy
import torch
from peft import PeftModel
from transformers import AutoModelForCausalLM, AutoTokenizer

HERE = pathlib.Path(__file__).resolve().parent
CHECKOUT = HERE.parents[2]
TEXT = ("### Human: What is the Debian package tar?\n### Assistant: GNU version of the tar archiving utility. It reads and writes 3 formats: "
        "v7, ustar and pax; ヤマダさん says it is 🚀 fast.\n\n    def main():\n        return 2024\n")


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--adapter", type=pathlib.Path)
    adapter = parser.parse_args().adapter

    gguf = subprocess.run([str(HERE.parent / "get-smollm2")], check=True, capture_output=True, text=True).stdout.strip()
    java = subprocess.run([str(CHECKOUT / ".mvn/find-jdk")], check=True, capture_output=True, text=True).stdout.strip()
    trainer = CHECKOUT / "trainer-image/trainer/target"
    with tempfile.TemporaryDirectory() as work:
        classpath = f"{trainer}/test-classes:{trainer}/classes:{(trainer / 'runtime-classpath').read_text().strip()}"
        ours = json.loads(subprocess.run(
            [f"{java}/bin/java", "--enable-native-access=ALL-UNNAMED", "-cp", classpath, "io.loraoperator.trainer.cli.LogitsDump", gguf,
             str(adapter) if adapter else "-", TEXT, f"{work}/logits"], check=True, stdout=subprocess.PIPE, text=True).stdout.splitlines()[-1])
        logits = numpy.fromfile(f"{work}/logits", dtype="<f4").reshape(len(ours["ids"]), -1)
        subprocess.run([sys.executable, str(HERE.parent / "gguf_to_hf.py"), gguf, f"{work}/model"], check=True, stdout=subprocess.DEVNULL)
        model = AutoModelForCausalLM.from_pretrained(f"{work}/model", dtype=torch.float32)
        ids = AutoTokenizer.from_pretrained(f"{work}/model")(TEXT)["input_ids"]
        if adapter:
            model = PeftModel.from_pretrained(model, str(adapter))
        model.eval()
        with torch.no_grad():
            reference = model(torch.tensor([ids])).logits[0].numpy()
            greedy = model.generate(input_ids=torch.tensor([ids]), attention_mask=torch.ones(1, len(ids), dtype=torch.long), max_new_tokens=60,
                                    do_sample=False, eos_token_id=-1, pad_token_id=0)[0][len(ids):].tolist()
    difference = float(numpy.abs(logits - reference).max())
    bound = 1e-4 if adapter else 1e-3
    print(f"tokens {len(ids)}, ids equal: {ids == ours['ids']}")
    print(f"largest difference of {logits.size} logits: {difference:.2e} (bound {bound:.0e}, largest logit {abs(reference).max():.1f})")
    print(f"60 greedy tokens equal: {greedy == ours['greedy']}")
    sys.exit(0 if ids == ours["ids"] and difference <= bound and greedy == ours["greedy"] else 1)


main()
