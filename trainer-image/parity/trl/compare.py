"""Ours and TRL in alternation on this machine: same rows, order and initial adapter.

Usage: compare.py [--rounds 3] [--steps 50] [--dtype float32] [--rows short|long] [--output evidence.jsonl]
Run with the python that `../venv` prints, on a quiet machine. Prints a JSON line a run, then ratios: tokens/s, peak RSS, and the largest
relative difference of the losses of the first round.
"""
import argparse
import json
import os
import pathlib
import subprocess
import sys
import tempfile
import time

HERE = pathlib.Path(__file__).resolve().parent
CHECKOUT = HERE.parents[2]
MANIFEST = """\
apiVersion: finetune.loraoperator.io/v1alpha1
kind: LoraFineTune
metadata: {{name: compare}}
spec:
  baseModel: {{source: {{persistentVolumeClaim: {{claimName: unused, path: model}}}}, precision: {precision}}}
  dataset:
    train: {{source: {{persistentVolumeClaim: {{claimName: unused, path: train.jsonl}}}}}}
    prompt: {{promptCompletion: {{promptField: prompt, completionField: completion}}}}
    maxLength: 512
  lora:
    rank: 16
    alpha: 32
    targetModules: [q_proj, k_proj, v_proj, o_proj, gate_proj, up_proj, down_proj]
  training:
    maxSteps: {steps}
    batchSize: {batch}
    learningRate: "2e-4"
    schedule: {{type: Constant}}
    maxGradientNorm: "1.0"
    shuffle: false
    seed: 1
    logEverySteps: 1
  output: {{destination: {{persistentVolumeClaim: {{claimName: unused, path: out}}}}}}
"""


def measured(command):
    """Runs a command to its end; returns its output, peak RSS in bytes and seconds."""
    started = time.perf_counter()
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    output = process.stdout.read()
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode != 0:
        sys.exit(f"{command[0]} ended with {process.returncode}:\n{output}")
    return output, usage.ru_maxrss * 1024, time.perf_counter() - started


def ours(settings, work, gguf, data, adapter):
    manifest, out = work / "compare.yaml", work / "ours"
    precision = {"float32": "Float32", "bfloat16": "BFloat16"}[settings.dtype]
    manifest.write_text(MANIFEST.format(precision=precision, steps=settings.steps, batch=settings.batch))
    subprocess.run(["rm", "-rf", str(out)], check=True)
    _, rss, _ = measured([str(CHECKOUT / "trainer-image/lora-trainer"), "train", str(manifest), "--base-model", str(gguf), "--train", str(data),
                          "--initial-adapter", str(adapter), "--output", str(out), "--workdir", str(work / "ours-work")])
    log = [json.loads(line) for line in (out / "training_log.jsonl").read_text().splitlines()]
    steps = [entry for entry in log if "loss" in entry]
    timed = steps[settings.untimed_steps:]
    before = steps[settings.untimed_steps - 1]["tokensSeen"]
    tokens, seconds = 0, 0.0
    for entry in timed:
        tokens += entry["tokensSeen"] - before
        seconds += (entry["tokensSeen"] - before) / float(entry["tokensPerSecond"])
        before = entry["tokensSeen"]
    return {"side": "ours", "dtype": settings.dtype, "steps": len(steps), "secondsPerStep": seconds / len(timed), "tokensPerSecond": tokens / seconds,
            "peakRssBytes": rss, "losses": [float(entry["loss"]) for entry in steps]}


def peer(settings, model, data, *extra):
    output, _, _ = measured([sys.executable, str(HERE / "peer.py"), "--model", str(model), "--data", str(data), "--steps", str(settings.steps), "--batch",
                             str(settings.batch), "--dtype", settings.dtype, "--untimed-steps", str(settings.untimed_steps), *map(str, extra)])
    lines = [line for line in output.splitlines() if line.startswith('{"side"')]
    return json.loads(lines[-1]) if lines else None


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--steps", type=int, default=50)
    parser.add_argument("--untimed-steps", type=int, default=3)
    parser.add_argument("--batch", type=int, default=8)
    parser.add_argument("--dtype", choices=["float32", "bfloat16"], default="float32")
    parser.add_argument("--rows", type=pathlib.Path, default=CHECKOUT / "examples/01-debian-helper/data/train.jsonl", help="JSON lines of prompt and completion")
    parser.add_argument("--output", type=pathlib.Path, help="file that the JSON lines are appended to")
    settings = parser.parse_args()

    gguf = pathlib.Path(subprocess.run([str(HERE.parent / "get-smollm2")], check=True, capture_output=True, text=True).stdout.strip())
    with tempfile.TemporaryDirectory() as folder:
        work = pathlib.Path(folder)
        model, adapter = work / "model", work / "initial-adapter"
        subprocess.run([sys.executable, str(HERE / "gguf_to_hf.py"), str(gguf), str(model)], check=True, stdout=subprocess.DEVNULL)
        peer(settings, model, settings.rows, "--initial-adapter", adapter, "--initial-adapter-only")
        runs = []
        for _ in range(settings.rounds):
            for run in (ours(settings, work, gguf, settings.rows, adapter), peer(settings, model, settings.rows)):
                print(json.dumps(run), flush=True)
                if settings.output:
                    with settings.output.open("a") as sink:
                        sink.write(json.dumps(run) + "\n")
                runs.append(run)
    pairs = list(zip(runs[::2], runs[1::2]))
    speed = sorted(a["tokensPerSecond"] / b["tokensPerSecond"] for a, b in pairs)
    memory = sorted(a["peakRssBytes"] / b["peakRssBytes"] for a, b in pairs)
    a, b = pairs[0]
    worst = max(abs(x - y) / abs(y) for x, y in zip(a["losses"], b["losses"]))
    print(f"tokens/s ours ÷ TRL: median {speed[len(speed) // 2]:.2f} (min {speed[0]:.2f}, max {speed[-1]:.2f})")
    print(f"peak RSS ours ÷ TRL: median {memory[len(memory) // 2]:.2f} (min {memory[0]:.2f}, max {memory[-1]:.2f})")
    print(f"losses over {len(a['losses'])} steps: largest relative difference {worst:.2e}")


main()
