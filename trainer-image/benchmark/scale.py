"""Whether a step gets slower as the data set grows: tokens/s over 50 steps on 200, 2,000 and 20,000 rows, in alternation.

The larger sets repeat the first one's rows, and nothing is shuffled, so every run does the same steps. What comes before the first step is not counted.
Usage: scale.py [ROUNDS]
"""
import pathlib
import subprocess
import sys
import tempfile

from compare import CHECKOUT, HERE, MANIFEST, ROWS, measured, middle, require_allocator, timed_steps

SIZES, STEPS, UNTIMED, BATCH = (200, 2_000, 20_000), 50, 3, 8


def tokens_per_second(work, model, rows):
    out = work / "out"
    subprocess.run(["rm", "-rf", str(out), str(work / "temporary")], check=True)
    measured([str(CHECKOUT / "trainer-image/lora-trainer"), "train", str(work / "scale.yaml"), "--base-model", str(model), "--train", str(rows),
              "--output", str(out), "--workdir", str(work / "temporary")])
    _, tokens, seconds = timed_steps(out, UNTIMED)
    return tokens / seconds


def main():
    rounds = int(sys.argv[1]) if len(sys.argv) > 1 else 3
    require_allocator()
    model = subprocess.run([str(HERE.parent / "parity/get-smollm2")], check=True, capture_output=True, text=True).stdout.strip()
    measured([str(CHECKOUT / "trainer-image/lora-trainer"), "--version"])  # builds what is stale
    speeds = {size: [] for size in SIZES}
    with tempfile.TemporaryDirectory() as folder:
        work = pathlib.Path(folder)
        (work / "scale.yaml").write_text(MANIFEST.format(precision="BFloat16", steps=STEPS, batch=BATCH, recompute="false"))
        lines = ROWS["short"].read_text().splitlines()[: SIZES[0]]
        for size in SIZES:
            (work / f"{size}.jsonl").write_text("\n".join(lines * (size // SIZES[0])) + "\n")
        for number in range(rounds):
            # Turn about, so that no size is always first.
            for size in (SIZES, tuple(reversed(SIZES)))[number % 2]:
                speeds[size].append(tokens_per_second(work, model, work / f"{size}.jsonl"))
                print(f"{size:6d} rows  {speeds[size][-1]:.0f} tokens/s", flush=True)
    medians = {size: sorted(values)[rounds // 2] for size, values in speeds.items()}
    for size, values in speeds.items():
        print(f"{size:6d} rows  {middle(values, 0)} tokens/s, {medians[size] / medians[SIZES[0]]:.3f} of those on {SIZES[0]} rows")


main()
