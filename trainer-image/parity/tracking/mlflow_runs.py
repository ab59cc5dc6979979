"""Reports runs to a real MLflow server and compares what it holds with the training log; see README.md."""
import json
import os
import pathlib
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request

CHECKOUT = pathlib.Path(__file__).resolve().parents[3]
STEPS = 60
EXPERIMENT = "tiny runs"
# Fields of the log by the names of transformers' MLflowCallback and TRL's metrics.
METRICS = {
    "epoch": "epoch", "num_tokens": "tokensSeen", "loss": "loss", "learning_rate": "learningRate", "grad_norm": "gradNorm",
    "tokens_per_second": "tokensPerSecond", "eval_loss": "evaluationLoss", "eval_mean_token_accuracy": "evaluationTokenAccuracy",
}
MANIFEST = """
apiVersion: finetune.loraoperator.io/v1alpha1
kind: LoraFineTune
metadata: {name: reported}
spec:
  baseModel: {precision: Float32}
  dataset:
    evaluation: {fraction: "0.25"}
    prompt: {promptCompletion: {promptField: prompt, completionField: completion}}
  training: {maxSteps: %d, batchSize: 4, logEverySteps: 1, evaluateEverySteps: 15}
  checkpoint: {everySteps: 10}
  tracking: {mlflow: {trackingUri: "%s", experiment: %s}}
"""


def free_port():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


def serve(work, port):
    program = pathlib.Path(sys.executable).with_name("mlflow")
    server = subprocess.Popen(
        [program, "server", "--backend-store-uri", f"sqlite:///{work}/mlflow.db", "--artifacts-destination", f"{work}/artifacts",
         "--host", "127.0.0.1", "--port", str(port), "--workers", "1"],
        stdout=(work / "server.log").open("w"), stderr=subprocess.STDOUT, start_new_session=True)
    deadline = time.time() + 180
    while True:
        try:
            urllib.request.urlopen(f"http://127.0.0.1:{port}/health", timeout=2)
            return server
        except OSError:
            assert server.poll() is None and time.time() < deadline, (work / "server.log").read_text()
            time.sleep(0.5)


def train(work, model, output, stop_at=None):
    process = subprocess.Popen(
        [CHECKOUT / "trainer-image/lora-trainer", "train", work / "finetune.yaml", "--base-model", model, "--train", work / "train.jsonl", "--output", output],
        stderr=subprocess.PIPE, text=True)
    told = []
    for line in process.stderr:
        told.append(line)
        if stop_at and f"step {stop_at}/" in line:
            process.send_signal(signal.SIGTERM)
            stop_at = None
    return process.wait(), "".join(told)


def main():
    with tempfile.TemporaryDirectory() as temporary:
        work = pathlib.Path(temporary)
        subprocess.run([CHECKOUT / "examples/run", "--models", work / "models", "01-debian-helper"], check=True, stdout=subprocess.DEVNULL)
        model = work / "models/01-debian-helper"
        rows = [{"prompt": f"{a}+{b}=", "completion": "x" * (a + b)} for a in range(6) for b in range(6)]
        (work / "train.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
        port = free_port()
        uri = f"http://127.0.0.1:{port}"
        (work / "finetune.yaml").write_text(MANIFEST % (STEPS, uri, EXPERIMENT))

        code, told = train(work, model, work / "alone")
        assert code == 0 and told.count("spec.tracking.mlflow: the server is not told yet, training goes on") == 1, told
        print("without a server: trained to the end, told once")

        server = serve(work, port)
        try:
            os.environ["MLFLOW_DISABLE_TELEMETRY"] = "true"
            from mlflow.tracking import MlflowClient
            client = MlflowClient(uri)
            code, told = train(work, model, work / "out", stop_at=25)
            assert code == 30, (code, told)
            experiment = client.get_experiment_by_name(EXPERIMENT).experiment_id
            interrupted, = client.search_runs([experiment])
            assert interrupted.info.status == "KILLED", (interrupted.info.status, told)
            code, told = train(work, model, work / "out")
            assert code == 0 and "resuming after step" in told and "mlflow" not in told, told
            run, = client.search_runs([experiment])
            assert run.info.run_id == interrupted.info.run_id and run.info.status == "FINISHED", run.info
            lines = [json.loads(line) for line in (work / "out/training_log.jsonl").read_text().splitlines()]
            points = 0
            for metric, field in METRICS.items():
                held = [(point.step, point.value) for point in client.get_metric_history(run.info.run_id, metric)]
                steps = [step for step, _ in held]
                assert len(steps) == len(set(steps)), (metric, "a step twice")
                expected = {line["step"]: line[field] for line in lines if field in line}
                points += len(held)
                if field == "tokensPerSecond":  # a speed is another one when a step is taken again
                    assert dict(held).keys() == expected.keys(), metric
                else:
                    assert dict(held) == expected, (metric, held, expected)
            assert run.data.params["lora_rank"] == "16" and run.data.params["seed"] == "42", run.data.params
            print(f"mlflow {__import__('mlflow').__version__}: one run over an interruption, {len(METRICS)} metrics, {points} points as in {len(lines)} lines of the log")
        finally:
            os.killpg(server.pid, signal.SIGTERM)
            server.wait()


main()
