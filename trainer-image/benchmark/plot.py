"""Draws tokens/s and peak memory of a benchmark's JSON lines, medians of the rounds. Usage: plot.py LINES.jsonl OUT.svg"""
import json
import pathlib
import sys

WIDTH, BAR, GAP, LEFT, PANEL = 420, 14, 14, 120, 470
SIDES = {"ours": ("LoRA Operator", "#2563eb"), "trl": ("TRL + PEFT", "#9ca3af")}
PANELS = [("tokensPerSecond", 1, "tokens/s, more is better", "{:.0f}"), ("peakRssBytes", 2**30, "peak memory in GiB, less is better", "{:.2f}")]


def median(values):
    return sorted(values)[len(values) // 2]


def main():
    source, target = map(pathlib.Path, sys.argv[1:])
    runs = [json.loads(line) for line in source.read_text().splitlines() if line.startswith("{")]
    cases = list(dict.fromkeys(run["case"] for run in runs))
    height = 60 + len(cases) * (2 * BAR + GAP)
    out = [f'<svg xmlns="http://www.w3.org/2000/svg" width="{LEFT + 2 * PANEL}" height="{height}" font-family="sans-serif" font-size="11">',
           f'<rect width="{LEFT + 2 * PANEL}" height="{height}" fill="white"/>']
    for i, (key, unit, title, form) in enumerate(PANELS):
        x = LEFT + i * PANEL
        values = {(c, s): median([r[key] for r in runs if r["case"] == c and r["side"] == s]) / unit for c in cases for s in SIDES}
        scale = (WIDTH - 70) / max(values.values())
        out.append(f'<text x="{x}" y="18" font-weight="bold">{title}</text>')
        for row, case in enumerate(cases):
            y = 32 + row * (2 * BAR + GAP)
            if i == 0:
                out.append(f'<text x="{LEFT - 8}" y="{y + BAR + 4}" text-anchor="end">{case}</text>')
            for line, side in enumerate(SIDES):
                value, top = values[case, side], y + line * BAR
                out.append(f'<rect x="{x}" y="{top}" width="{value * scale:.1f}" height="{BAR - 2}" fill="{SIDES[side][1]}"/>')
                out.append(f'<text x="{x + value * scale + 4:.1f}" y="{top + BAR - 4}">{form.format(value)}</text>')
    for i, (name, colour) in enumerate(SIDES.values()):
        out.append(f'<rect x="{LEFT + i * 120}" y="{height - 18}" width="10" height="10" fill="{colour}"/>'
                   f'<text x="{LEFT + i * 120 + 14}" y="{height - 9}">{name}</text>')
    target.write_text("\n".join(out + ["</svg>", ""]))


main()
