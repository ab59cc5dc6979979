"""Reads events with TensorBoard's own reader and compares them with the training log; see README.md."""
import datetime
import json
import pathlib
import struct
import sys

from tensorboard.backend.event_processing.event_accumulator import EventAccumulator
from tensorboard.compat.proto.event_pb2 import Event
from tensorboard.compat.proto.summary_pb2 import Summary
from tensorboard.summary.writer.record_writer import RecordWriter

HERE = pathlib.Path(__file__).resolve().parent
EVENTS = "events.out.tfevents.training"
# Fields of the log by the tags of transformers' TensorBoardCallback and TRL's metrics, in the order of the file.
TAGS = {
    "train/epoch": "epoch",
    "train/num_tokens": "tokensSeen",
    "train/loss": "loss",
    "train/learning_rate": "learningRate",
    "train/grad_norm": "gradNorm",
    "train/tokens_per_second": "tokensPerSecond",
    "eval/loss": "evaluationLoss",
    "eval/mean_token_accuracy": "evaluationTokenAccuracy",
}


def read_log(file):
    return [json.loads(line) for line in file.read_text().splitlines()]


def seconds(line):
    return datetime.datetime.fromisoformat(line["time"]).timestamp()


def float32(value):
    return struct.unpack("f", struct.pack("f", value))[0]


def write(lines, file):
    """What TensorBoard's own writer makes of a log."""
    with open(file, "wb") as out:
        writer = RecordWriter(out)
        writer.write(Event(wall_time=seconds(lines[0]), file_version="brain.Event:2").SerializeToString())
        for line in lines:
            values = [Summary.Value(tag=tag, simple_value=line[field]) for tag, field in TAGS.items() if field in line]
            writer.write(Event(wall_time=seconds(line), step=line["step"], summary=Summary(value=values)).SerializeToString())
        writer.flush()


def compare(lines, folder):
    accumulator = EventAccumulator(str(folder), size_guidance={"scalars": 0})
    accumulator.Reload()
    expected = {tag: [(seconds(line), line["step"], float32(line[field])) for line in lines if field in line] for tag, field in TAGS.items()}
    expected = {tag: points for tag, points in expected.items() if points}
    assert set(accumulator.Tags()["scalars"]) == set(expected), accumulator.Tags()["scalars"]
    for tag, points in expected.items():
        read = [(event.wall_time, event.step, event.value) for event in accumulator.Scalars(tag)]
        assert read == points, (tag, read, points)
    print(f"{folder}: {len(expected)} tags, {sum(map(len, expected.values()))} points as in {len(lines)} lines of the log")


def main():
    if len(sys.argv) > 1 and sys.argv[1] != "--write":
        run = pathlib.Path(sys.argv[1])
        compare(read_log(run / "training_log.jsonl"), run / "tensorboard")
        return
    lines = read_log(HERE / "training_log.jsonl")
    if "--write" in sys.argv:
        write(lines, HERE / EVENTS)
    compare(lines, HERE)


main()
