"""Reads and writes the test server with huggingface_hub and datasets, and compares with what the trainer does; see README.md."""
import json
import os
import pathlib
import subprocess
import sys
import tempfile

HERE = pathlib.Path(__file__).resolve().parent
CHECKOUT = HERE.parents[2]
LAYOUTS = HERE / "layouts.json"
TOKEN = "hf_test_token"

CARD = """---
license: mit
{}
---
# Rows
"""
SPLITS = CARD.format("configs:\n- config_name: default\n  data_files:\n  - split: train\n    path: data/tr-*\n  - split: held_out\n    path:\n    - extra/a.jsonl\n    - extra/sub/*.jsonl")
TWO = CARD.format("configs:\n- config_name: en\n  data_files: en/*.jsonl\n- config_name: ja\n  data_files:\n  - ja/one.jsonl\n  - ja/two.jsonl\n  default: true")
FOLDERS = CARD.format("configs:\n- config_name: small\n  data_dir: small\n- config_name: large\n  data_dir: large")
SINGLE = CARD.format("configs:\n- config_name: only\n  data_files: '**/*.csv'")
NO_DEFAULT = CARD.format("configs:\n- config_name: en\n  data_files: en/*.jsonl\n- config_name: ja\n  data_files: ja/*.jsonl")

# name, files, card, configuration
CASES = [
    ("one file", ["code_alpaca_20k.json"], None, None),
    ("words in file names", ["openassistant_best_replies_train.jsonl", "openassistant_best_replies_eval.jsonl", "README.md"], None, None),
    ("a word inside a word is none", ["trainers.jsonl", "detest.jsonl"], None, None),
    ("shards in data", ["data/train-00000-of-00002.parquet", "data/train-00001-of-00002.parquet", "data/unsupervised-00000-of-00001.parquet"], None, None),
    ("folders named like splits", ["train/a.jsonl", "train/b.jsonl", "dev/a.jsonl", "test/deep/a.jsonl"], None, None),
    ("folders with more in their names", ["my_train_set/a.jsonl", "my-val/a.jsonl"], None, None),
    ("folders before files", ["data/train/eval_1.jsonl", "data/train/eval_2.jsonl"], None, None),
    ("capital letters are no words", ["Train.jsonl", "Test.jsonl"], None, None),
    ("words at the end are none", ["sums-train", "sums-train.csv", "sums.test.csv"], None, None),
    ("hidden and private files", [".train.jsonl", "__train/a.jsonl", "a.jsonl", ".cache/train.jsonl"], None, None),
    ("other files beside tables", ["a.csv", "b.csv", "LICENSE.txt", "dataset_infos.json", "image.png"], None, None),
    ("mixed formats", ["train.csv", "train.parquet"], None, None),
    ("packed", ["train.jsonl.gz", "test.jsonl.gz"], None, None),
    ("card with splits", ["data/tr-1.jsonl", "data/tr-2.jsonl", "data/other.jsonl", "extra/a.jsonl", "extra/sub/b.jsonl", "extra/sub/deep/c.jsonl"], SPLITS, None),
    ("card with a default", ["en/a.jsonl", "ja/one.jsonl", "ja/two.jsonl", "ja/three.jsonl"], TWO, None),
    ("card, the other one", ["en/a.jsonl", "en/b.jsonl", "ja/one.jsonl", "ja/two.jsonl"], TWO, "en"),
    ("card with folders", ["small/train.jsonl", "small/test.jsonl", "large/train-1.jsonl", "large/train-2.jsonl"], FOLDERS, "large"),
    ("card with the only one", ["a.csv", "deep/b.csv", "deep/er/c.csv"], SINGLE, None),
    ("card without a default", ["en/a.jsonl", "ja/a.jsonl"], NO_DEFAULT, None),
    ("no such configuration", ["train.jsonl"], None, "en"),
    ("no data", ["script.py", "README.md"], None, None),
]


def content(path):
    if path.endswith(".parquet"):
        import io
        import pyarrow
        import pyarrow.parquet
        out = io.BytesIO()
        pyarrow.parquet.write_table(pyarrow.table({"text": ["a"]}), out)
        return out.getvalue()
    if path.endswith(".gz"):
        import gzip
        return gzip.compress(b'{"text": "a"}\n')
    if path == "dataset_infos.json":
        return b"{}"
    return {"csv": b"text\na\n", "jsonl": b'{"text": "a"}\n', "json": b'[{"text": "a"}]'}.get(path.rsplit(".", 1)[-1], b"x\n")


def write(root, kind, name, files):
    for path, data in files.items():
        target = root / kind / name / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(data)


def java(main, *arguments):
    home = subprocess.run([str(CHECKOUT / ".mvn/find-jdk")], check=True, capture_output=True, text=True).stdout.strip()
    trainer = CHECKOUT / "trainer-image/trainer/target"
    classpath = f"{trainer}/test-classes:{trainer}/classes:{(trainer / 'runtime-classpath').read_text().strip()}"
    return [f"{home}/bin/java", "-cp", classpath, f"io.loraoperator.trainer.hub.{main}", *map(str, arguments)]


def start(root):
    server = subprocess.Popen(java("ServedFolder", root), stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    return server, server.stdout.readline().strip()


def expect(error, call):
    try:
        call()
    except error as e:
        assert type(e) is error, type(e)
        return
    raise AssertionError(f"no {error.__name__}")


def check_hub(endpoint, files, work):
    from huggingface_hub import HfApi, errors, hf_hub_download, snapshot_download
    api = HfApi(endpoint=endpoint, token=False)
    info = api.model_info("acme/tiny", files_metadata=True)
    assert len(info.sha) == 40
    listed = {sibling.rfilename: sibling for sibling in info.siblings}
    assert listed.keys() == files.keys(), listed
    for path, data in files.items():
        assert listed[path].size == len(data), path
        assert (listed[path].lfs is not None) == path.endswith(".safetensors"), path
        for revision in ["main", info.sha]:
            fetched = hf_hub_download("acme/tiny", path, revision=revision, endpoint=endpoint, token=False, cache_dir=work / f"one-{revision}")
            assert pathlib.Path(fetched).read_bytes() == data, path
            assert info.sha in fetched, fetched
    folder = pathlib.Path(snapshot_download("acme/tiny", endpoint=endpoint, token=False, cache_dir=work / "all"))
    assert {str(p.relative_to(folder)) for p in folder.rglob("*") if p.is_file()} == files.keys()

    # What a broken download left is gone on with.
    etag = __import__("hashlib").sha256(files["model.safetensors"]).hexdigest()
    part = work / "resumed/models--acme--tiny/blobs" / f"{etag}.incomplete"
    part.parent.mkdir(parents=True)
    part.write_bytes(files["model.safetensors"][:1000])
    fetched = hf_hub_download("acme/tiny", "model.safetensors", endpoint=endpoint, token=False, cache_dir=work / "resumed")
    assert pathlib.Path(fetched).read_bytes() == files["model.safetensors"]

    expect(errors.RepositoryNotFoundError, lambda: api.model_info("acme/none"))
    expect(errors.RepositoryNotFoundError, lambda: HfApi(endpoint=endpoint, token="hf_other").model_info("acme/none"))
    expect(errors.RevisionNotFoundError, lambda: api.model_info("acme/tiny", revision="v9"))
    expect(errors.RemoteEntryNotFoundError,
           lambda: hf_hub_download("acme/tiny", "none.txt", endpoint=endpoint, token=False, cache_dir=work / "none"))
    assert api.model_info("acme/gated").gated == "manual"
    for token in [False, "hf_other"]:
        expect(errors.GatedRepoError,
               lambda: hf_hub_download("acme/gated", "config.json", endpoint=endpoint, token=token, cache_dir=work / "gated"))
        expect(errors.RepositoryNotFoundError, lambda: HfApi(endpoint=endpoint, token=token).model_info("acme/private"))
    for name in ["acme/gated", "acme/private"]:
        assert hf_hub_download(name, "config.json", endpoint=endpoint, token=TOKEN, cache_dir=work / "allowed")
    expect(errors.HfHubHTTPError, lambda: HfApi(endpoint=endpoint, token="hf_expired").model_info("acme/tiny"))
    print(f"huggingface_hub {__import__('huggingface_hub').__version__}: {len(files)} files, 2 revisions, a resumed download, 8 refusals as documented")


def check_push(endpoint, work):
    """A folder pushed by huggingface_hub and by the trainer: the same content in the repository, and no second commit for it."""
    from huggingface_hub import HfApi, errors, snapshot_download
    folder = work / "adapter"
    files = {"adapter_model.safetensors": os.urandom(1 << 20), "adapter_config.json": b"{}", "README.md": "---\nlibrary_name: peft\n---\n# ä 🚀\n".encode(),
             "tensorboard/events.out.tfevents.training": os.urandom(500), "a folder/b+c%.txt": b"text", "empty.txt": b""}
    for path, data in files.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_bytes(data)
    api = HfApi(endpoint=endpoint, token=TOKEN)

    def theirs(name):
        api.create_repo(name, private=True, exist_ok=True)
        return api.upload_folder(repo_id=name, folder_path=folder).oid

    def ours(name):
        done = subprocess.run(java("PushedFolder", endpoint, name, TOKEN, folder), check=True, capture_output=True, text=True)
        return done.stdout.split("oid=")[1].split(",")[0]

    def content(name):
        info = api.model_info(name)
        assert info.private
        got = pathlib.Path(snapshot_download(name, endpoint=endpoint, token=TOKEN, cache_dir=work / name.replace("/", "-")))
        return info.sha, {str(p.relative_to(got)): p.read_bytes() for p in got.rglob("*") if p.is_file()}

    for first, second, name in [(theirs, ours, "acme/theirs"), (ours, theirs, "acme/ours")]:
        commit = first(name)
        sha, got = content(name)
        assert sha == commit
        assert {path: got[path] for path in files} == files and got.keys() - files.keys() == {".gitattributes"}, got.keys()
        assert second(name) == commit, "what is there already is no commit"
    assert content("acme/ours")[1] == content("acme/theirs")[1]
    expect(errors.HfHubHTTPError, lambda: HfApi(endpoint=endpoint, token="hf_reading_token").create_repo("acme/other"))
    expect(errors.HfHubHTTPError, lambda: api.create_repo("other/adapter"))
    (folder / "README.md").write_text("---\nbase_model: s3://models/a/\n---\n")
    expect(ValueError, lambda: api.upload_folder(repo_id="acme/ours", folder_path=folder))
    print(f"pushes: {len(files)} files by huggingface_hub and by the trainer are the same repository, each finds nothing to add to the other's")


def layouts(endpoint):
    import datasets
    found = []
    for i, (name, files, card, config) in enumerate(CASES):
        repository = f"acme/layout-{i}"
        try:
            builder = datasets.load_dataset_builder(repository, config)
            marker = f"{repository}@"
            splits = {str(split): [p.split(marker)[1].split("/", 1)[1] for p in paths] for split, paths in builder.config.data_files.items()}
        except (ValueError, datasets.exceptions.DatasetNotFoundError, FileNotFoundError) as e:
            print(f"  {name}: {type(e).__name__}: {str(e).splitlines()[0]}")
            splits = None
        found.append({"name": name, "files": sorted(set(files) | ({"README.md"} if card else set())), "card": card, "config": config, "splits": splits})
    return found


def main():
    with tempfile.TemporaryDirectory() as temporary:
        root = pathlib.Path(temporary) / "served"
        work = pathlib.Path(temporary) / "work"
        os.environ.update(HF_HOME=str(work / "home"), HF_HUB_DISABLE_XET="1", HF_HUB_DISABLE_TELEMETRY="1", HF_HUB_DISABLE_PROGRESS_BARS="1")
        os.environ.pop("HF_TOKEN", None)
        files = {"config.json": b"{}", "folder/a b+c.txt": "ä 🚀".encode(), "empty.txt": b"", "model.safetensors": os.urandom(1 << 20)}
        write(root, "models", "acme/tiny", files)
        write(root, "models", "acme/gated", {"config.json": b"{}"})
        write(root, "models", "acme/private", {"config.json": b"{}"})
        for i, (_, paths, card, _) in enumerate(CASES):
            write(root, "datasets", f"acme/layout-{i}", {path: content(path) for path in paths} | ({"README.md": card.encode()} if card else {}))
        server, endpoint = start(root)
        try:
            os.environ["HF_ENDPOINT"] = endpoint
            check_hub(endpoint, files, work)
            check_push(endpoint, work)
            found = layouts(endpoint)
        finally:
            server.stdin.close()
            server.wait()
        if "--write" in sys.argv:
            LAYOUTS.write_text(json.dumps(found, indent=1) + "\n")
        assert json.loads(LAYOUTS.read_text()) == found, "layouts.json differs: run with --write and look at what changed"
        print(f"datasets {__import__('datasets').__version__}: {len(found)} layouts as in layouts.json")


main()
