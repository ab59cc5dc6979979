"""Ours and TRL in alternation on this machine: same rows, order and initial adapter.

A case is a kind of rows, a precision and a model. Every run is a JSON line; then come the ratios of each case: tokens/s, peak memory, seconds
to the first step, the largest relative difference of the losses, and the share of this machine's matrix product rate that our tokens/s
need. Use a quiet machine. Cases, with SmolLM2-135M: short, long, chat and packed rows in float32 and bfloat16, and qlora-bfloat16 (short rows over
NF4 weights); with a billion random weights, 3 steps each: 1b-bfloat16 and 1b-qlora.
"""
import argparse
import dataclasses
import json
import os
import pathlib
import platform
import subprocess
import sys
import tempfile
import threading
import time

HERE = pathlib.Path(__file__).resolve().parent
CHECKOUT = HERE.parents[1]
SHORT, LONG, CHAT = CHECKOUT / "examples/01-debian-helper/data/train.jsonl", HERE / "rows/long.jsonl", HERE / "rows/chat.jsonl"


@dataclasses.dataclass
class Case:
    """What both sides train, and how many steps and rounds of it; a packed batch is of whole sequences of 512 tokens.

    embedding: it has an adapter, too (TRL refuses one on the head).
    dora: norms and directions apart.
    """

    name: str
    rows: pathlib.Path
    batch: int
    dtype: str
    model: str = "135m"
    packing: bool = False
    quantized: bool = False
    dora: bool = False
    embedding: bool = False
    steps: int = 0
    untimed: int = 0
    rounds: int = 0
    recompute: bool = False
    estimate: dict | None = None


CASES = [
    Case("short-float32", SHORT, 8, "float32"), Case("short-bfloat16", SHORT, 8, "bfloat16"),
    Case("long-float32", LONG, 4, "float32"), Case("long-bfloat16", LONG, 4, "bfloat16"),
    Case("chat-float32", CHAT, 4, "float32"), Case("chat-bfloat16", CHAT, 4, "bfloat16"),
    Case("packed-float32", SHORT, 1, "float32", packing=True), Case("packed-bfloat16", SHORT, 1, "bfloat16", packing=True),
    Case("qlora-bfloat16", SHORT, 8, "bfloat16", quantized=True),
    Case("dora-float32", SHORT, 8, "float32", dora=True), Case("embedding-float32", SHORT, 8, "float32", embedding=True),
    Case("1b-bfloat16", SHORT, 8, "bfloat16", model="1b"), Case("1b-qlora", SHORT, 8, "bfloat16", model="1b", quantized=True),
]
# inputs x outputs of a layer's products, and the layers
SHAPES = {"135m": ("576x960,576x576,576x3072,1536x576", 30), "1b": ("2048x3072,2048x2048,2048x16384,8192x2048", 16)}
MANIFEST = """\
apiVersion: finetune.loraoperator.io/v1alpha1
kind: LoraFineTune
metadata: {{name: compare}}
spec:
  baseModel: {{source: {{persistentVolumeClaim: {{claimName: unused, path: model}}}}, precision: {precision}, quantization: {{type: {quantization}}}}}
  dataset:
    train: {{source: {{persistentVolumeClaim: {{claimName: unused, path: train.jsonl}}}}}}
    prompt: {{{prompt}}}
    maxLength: 512
  lora:
    rank: 16
    alpha: 32
    targetModules: [q_proj, k_proj, v_proj, o_proj, gate_proj, up_proj, down_proj{embedding}]
    variant: {variant}
  training:
    maxSteps: {steps}
    batchSize: {batch}
    learningRate: "2e-4"
    schedule: {{type: Constant}}
    maxGradientNorm: "1.0"
    gradientCheckpointing: {recompute}
    packing: {packing}
    shuffle: false
    seed: 1
    logEverySteps: 1
  output: {{destination: {{persistentVolumeClaim: {{claimName: unused, path: out}}}}}}
"""


class FirstLine(threading.Thread):
    """Notes when a file appears: our log's first line is written with the first step."""

    def __init__(self, file):
        super().__init__(daemon=True)
        self.file, self.started, self.seconds = file, time.perf_counter(), None

    def run(self):
        while not self.file.exists():
            time.sleep(0.01)
        self.seconds = time.perf_counter() - self.started


def require_allocator():
    """The image brings tcmalloc; without it ours is up to a fifth slower."""
    if not any(pathlib.Path("/usr/lib").glob("**/libtcmalloc_minimal.so.4")):
        sys.exit("libtcmalloc_minimal.so.4 is missing, which the image has: apt-get install libtcmalloc-minimal4")


def measured(command, environment=None):
    """Runs a command to its end; returns its output and peak RSS in bytes."""
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=environment)
    errors = []
    reader = threading.Thread(target=lambda: errors.append(process.stderr.read()))
    reader.start()
    output = process.stdout.read()
    _, status, usage = os.wait4(process.pid, 0)
    reader.join()
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode != 0:
        sys.exit(f"{' '.join(command)} ended with {process.returncode}:\n{output}\n{''.join(errors)[-3000:]}")
    return output, usage.ru_maxrss * 1024


def timed_steps(out, untimed):
    """The logged steps of one of our runs, and the tokens and seconds of those after the first ones."""
    steps = [entry for entry in map(json.loads, (out / "training_log.jsonl").read_text().splitlines()) if "loss" in entry]
    before, seconds = steps[untimed - 1]["tokensSeen"], 0.0
    tokens = steps[-1]["tokensSeen"] - before
    for entry in steps[untimed:]:
        seconds += (entry["tokensSeen"] - before) / float(entry["tokensPerSecond"])
        before = entry["tokensSeen"]
    return steps, tokens, seconds


def ours(case, work, model, adapter):
    manifest, out, temporary = work / "compare.yaml", work / "ours", work / "ours-work"
    manifest.write_text(MANIFEST.format(
        precision={"float32": "Float32", "bfloat16": "BFloat16"}[case.dtype], quantization="NF4" if case.quantized else "None",
        prompt="messages: {field: messages}" if case.rows == CHAT else "promptCompletion: {promptField: prompt, completionField: completion}",
        embedding=", embed_tokens" if case.embedding else "", variant="DoRA" if case.dora else "Standard",
        packing="Greedy" if case.packing else "None", steps=case.steps, batch=case.batch, recompute=str(case.recompute).lower()))
    subprocess.run(["rm", "-rf", str(out), str(temporary)], check=True)
    first = FirstLine(temporary / "training_log.jsonl")
    first.start()
    _, rss = measured([str(CHECKOUT / "trainer-image/lora-trainer"), "train", str(manifest), "--base-model", str(model), "--train", str(case.rows),
                       "--initial-adapter", str(adapter), "--output", str(out), "--workdir", str(temporary)])
    first.join()
    if not case.estimate:  # the same in every round
        estimate, _ = measured([str(CHECKOUT / "trainer-image/lora-trainer"), "estimate", str(manifest), "--base-model", str(model), "--train",
                                str(case.rows), "--json"])
        case.estimate = json.loads(estimate)
    steps, tokens, seconds = timed_steps(out, case.untimed)
    return {"side": "ours", "case": case.name, "steps": len(steps), "tokensPerSecond": round(tokens / seconds, 1),
            "secondsToFirstStep": round(first.seconds, 2), "peakRssBytes": rss, "estimatedBytes": case.estimate["total"],
            "estimatedWeightBytes": case.estimate["weights"], "tokensPerStep": round(tokens / (len(steps) - case.untimed)),
            "losses": [float(entry["loss"]) for entry in steps]}


def peer(case, model, *extra):
    environment = dict(os.environ, BENCHMARK_STARTED=str(time.time()))
    output, _ = measured([sys.executable, str(HERE / "peer.py"), "--model", str(model), "--data", str(case.rows), "--steps", str(case.steps),
                          "--batch", str(case.batch), "--dtype", case.dtype, "--untimed-steps", str(case.untimed),
                          *(f"--{option}" for option in ("recompute", "packing", "quantized", "dora", "embedding") if getattr(case, option)), *map(str, extra)], environment)
    lines = [json.loads(line) for line in output.splitlines() if line.startswith('{"side"')]
    side = "trl-rounded-once" if "--round-once" in extra else "trl"
    return {"side": side, "case": case.name, **{k: v for k, v in lines[-1].items() if k != "side"}} if lines else None


def case_of(case, settings):
    """A case as it is asked for; a billion weights take long."""
    big = case.model == "1b"
    return dataclasses.replace(case, recompute=settings.recompute, steps=3 if big else settings.steps, untimed=1 if big else settings.untimed_steps,
                               rounds=1 if big else settings.rounds)


def middle(values, digits=2):
    values = sorted(values)
    return f"{values[len(values) // 2]:.{digits}f} ({values[0]:.{digits}f} to {values[-1]:.{digits}f})"


def difference(losses, reference):
    """The largest relative one."""
    return max(abs(x - y) / abs(y) for x, y in zip(losses, reference))


def summary(case, runs):
    mine, theirs = ([run for run in runs if run["side"] == side] for side in ("ours", "trl"))
    shapes, layers = SHAPES[case.model]
    weights = layers * sum(int(a) * int(b) for a, b in (shape.split("x") for shape in shapes.split(",")))
    gemm = json.loads(subprocess.run([sys.executable, str(HERE / "gemm.py"), "--shapes", shapes, "--tokens", str(mine[0]["tokensPerStep"]), "--dtype",
                                      case.dtype], check=True, capture_output=True, text=True).stdout)["gflops"]
    speed = sorted(run["tokensPerSecond"] for run in mine)[len(mine) // 2]
    pairs = list(zip(mine, theirs))
    worst = difference(mine[0]["losses"], theirs[0]["losses"])
    print(f"\n{case.name}: {len(pairs)} round(s) of {case.steps} steps, {mine[0]['tokensPerStep']} tokens a step")
    print(f"  tokens/s          ours {middle([r['tokensPerSecond'] for r in mine], 0)}, TRL {middle([r['tokensPerSecond'] for r in theirs], 0)},"
          f" ratio {middle([a['tokensPerSecond'] / b['tokensPerSecond'] for a, b in pairs])}")
    print(f"  peak RSS, GiB     ours {middle([r['peakRssBytes'] / 2**30 for r in mine])}, TRL {middle([r['peakRssBytes'] / 2**30 for r in theirs])},"
          f" ratio {middle([a['peakRssBytes'] / b['peakRssBytes'] for a, b in pairs])}")
    print(f"  memory estimate   {mine[0]['estimatedBytes'] / 2**30:.2f} GiB, {middle([r['estimatedBytes'] / r['peakRssBytes'] for r in mine])} of the peak")
    print(f"  s to first step   ours {middle([r['secondsToFirstStep'] for r in mine])}, TRL {middle([r['secondsToFirstStep'] for r in theirs])}")
    print(f"  losses            largest relative difference {worst:.1e}")
    for run in (run for run in runs if run["side"] == "trl-rounded-once"):
        print(f"                    {difference(mine[0]['losses'], run['losses']):.1e} to TRL with PEFT's linears rounded once (peer.py --round-once)")
    print(f"  matrix products   {4 * weights * speed / 1e9:.0f} of {gemm:.0f} GFLOP/s: {4 * weights * speed / 1e9 / gemm:.0%}", flush=True)


def against_float32(results):
    """How far each side's bfloat16 losses are from its float32 ones: which of two that differ is nearer to the truth."""
    for name, runs in results.items():
        exact = results.get(name.replace("bfloat16", "float32"))
        if name.endswith("bfloat16") and exact:
            worst = {side: difference(*(next(r["losses"] for r in of if r["side"] == side) for of in (runs, exact))) for side in ("ours", "trl")}
            print(f"\n{name} against float32: largest relative difference of the losses, ours {worst['ours']:.1e}, TRL {worst['trl']:.1e}")


def weights_of_quantized(results):
    """What NF4 leaves of the weights' memory: the rest of the same run takes what it takes in bfloat16."""
    cases = {case.name: case for case in CASES}
    for name in (name for name in results if cases[name].quantized):
        for other in results:
            if other != name and dataclasses.replace(cases[other], name=name, quantized=True) == cases[name]:
                (quantized, plain) = (sorted((r for r in results[key] if r["side"] == "ours"), key=lambda r: r["peakRssBytes"]) for key in (name, other))
                weights = plain[0]["estimatedWeightBytes"]
                left = weights - plain[len(plain) // 2]["peakRssBytes"] + quantized[len(quantized) // 2]["peakRssBytes"]
                print(f"\n{name} against {other}: weights take {left / 2**20:.0f} of {weights / 2**20:.0f} MiB, {left / weights:.0%};"
                      f" estimated {quantized[0]['estimatedWeightBytes'] / weights:.0%}")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("cases", nargs="*", metavar="CASE", help="default: all")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--steps", type=int, default=13)
    parser.add_argument("--untimed-steps", type=int, default=3)
    parser.add_argument("--recompute", action="store_true", help="both sides recompute activations (gradient checkpointing)")
    parser.add_argument("--output", type=pathlib.Path, help="file that the JSON lines are appended to")
    settings = parser.parse_args()
    names = [case.name for case in CASES]
    unknown = [name for name in settings.cases if name not in names]
    if unknown:
        parser.error(f"unknown case {unknown[0]}; the cases are {', '.join(names)}")

    require_allocator()
    cpu = next((line.split(":")[1].strip() for line in open("/proc/cpuinfo") if line.startswith("model name")), platform.machine())
    print(f"# {cpu}, {os.cpu_count()} CPUs, {time.strftime('%Y-%m-%d')}", flush=True)
    gguf = pathlib.Path(subprocess.run([str(HERE.parent / "parity/get-smollm2")], check=True, capture_output=True, text=True).stdout.strip())
    measured([str(CHECKOUT / "trainer-image/lora-trainer"), "--version"])  # builds what is stale
    with tempfile.TemporaryDirectory() as folder:
        work = pathlib.Path(folder)
        measured([sys.executable, str(HERE.parent / "parity/gguf_to_hf.py"), str(gguf), str(work / "135m")])
        results = {}
        for case in [case_of(case, settings) for case in CASES if case.name in (settings.cases or names)]:
            model = work / case.model
            if not model.exists():
                measured([sys.executable, str(HERE / "random_1b.py"), str(work / "135m"), str(model), case.dtype])
            adapter = work / "-".join(["adapter", case.model, *(form for form in ("dora", "embedding") if getattr(case, form))])
            if not adapter.exists():
                plain = dataclasses.replace(case, dtype="float32", quantized=False)
                peer(plain, model, "--initial-adapter", adapter, "--initial-adapter-only")
            runs = []
            sides = [lambda: ours(case, work, model if case.model == "1b" else gguf, adapter), lambda: peer(case, model)] * case.rounds
            if case.dtype == "bfloat16" and case.model == "135m":
                sides.append(lambda: peer(case, model, "--round-once"))
            for side in sides:
                run = side()
                print(json.dumps(run), flush=True)
                if settings.output:
                    with settings.output.open("a") as sink:
                        sink.write(json.dumps(run) + "\n")
                runs.append(run)
            summary(case, runs)
            results[case.name] = runs
        against_float32(results)
        weights_of_quantized(results)


if __name__ == "__main__":
    main()
