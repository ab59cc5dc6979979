"""Writes trainer/src/test/resources/schedules.json: learning rates of transformers' schedules.

Run from trainer-image/ with the packages of parity/requirements.txt:
    python parity/trainer/schedules.py > trainer/src/test/resources/schedules.json
"""

import json
import math

import torch
import transformers
from transformers import get_scheduler

NAMES = {
    "Constant": "constant",
    "Linear": "linear",
    "Cosine": "cosine",
    "ConstantWithWarmup": "constant_with_warmup",
}


def rates(name, learning_rate, steps, warmup):
    optimizer = torch.optim.SGD([torch.nn.Parameter(torch.zeros(1))], lr=learning_rate)
    scheduler = get_scheduler(NAMES[name], optimizer, num_warmup_steps=warmup, num_training_steps=steps)
    values = []
    for _ in range(steps):
        values.append(optimizer.param_groups[0]["lr"])
        optimizer.step()
        scheduler.step()
    return values


cases = []
for name in NAMES:
    for steps in (1, 7, 20):
        for warmup in (None, ("steps", 0), ("steps", 3), ("steps", 30), ("ratio", "0.03"), ("ratio", "0.2"), ("ratio", "0.35")):
            if name == "Constant" and warmup is not None:
                continue
            case = {"type": name, "learningRate": "2e-4"}
            count = 0
            if warmup is not None:
                kind, value = warmup
                # transformers rounds a ratio up: TrainingArguments.get_warmup_steps
                count = value if kind == "steps" else math.ceil(steps * float(value))
                case["warmupSteps" if kind == "steps" else "warmupRatio"] = value
            case["rates"] = rates(name, 2e-4, steps, count)
            cases.append(case)

print(json.dumps({"transformers": transformers.__version__, "torch": torch.__version__, "cases": cases}, indent=1))
