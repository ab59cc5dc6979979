"""Writes the label ids that TRL 0.19's collator for template masks gives to tricky rows.

    $(trainer-image/parity/venv) trainer-image/parity/masks/make_fixtures.py

TRL dropped DataCollatorForCompletionOnlyLM in 0.20. It looks for the template's tokens, so it misses a template that is
tokenised differently in its place; such rows are written with "found": false, and their labels are reviewed by hand
(trainer/src/test/resources/masks.json). The tokenizers are those of ../chat-templates.
"""

import json
import subprocess
import sys
import tempfile
import warnings
from pathlib import Path

HERE = Path(__file__).parent
TRL = "trl==0.19.1"
R, I = "### Assistant:", "### Human:"

# name: (text, response template, instruction template)
ROWS = {
    "one turn": ("### Human: hi ### Assistant: yo", R, I),
    "turns": ("### Human: hi ### Assistant: yo ### Human: more ### Assistant: no", R, I),
    "line breaks": ("### Human: hi\n### Assistant: yo\n### Human: more\n### Assistant: no\n", R, I),
    "without instruction template": ("### Human: hi\n### Assistant: yo", R, None),
    "template at the start": ("### Assistant: yo", R, None),
    "template after a space": ("q ### Assistant: yo", R, None),
    "template after a line break": ("q\n### Assistant: yo", R, None),
    "template after a tab": ("q\t### Assistant: yo", R, None),
    "template after a letter": ("q### Assistant: yo", R, None),
    "template with its line break": ("q\n### Assistant:\nyo", R + "\n", None),
    "template with its line break before an indent": ("q\n### Assistant:\n  yo", R + "\n", None),
    "template with a space before it": ("### Question: q\n ### Answer: a", " ### Answer:", None),
    "template twice": ("### Assistant: one ### Assistant: two", R, None),
    "template missing": ("### Human: hi", R, I),
    "template in the user's words": ("### Human: say ### Assistant: twice ### Assistant: yes", R, I),
    "assistant first": ("### Assistant: yo ### Human: hi ### Assistant: so", R, I),
    "user has the last word": ("### Human: hi ### Assistant: yo ### Human: bye", R, I),
    "empty answer": ("### Human: hi ### Assistant:", R, I),
    "emoji": ("### Human: 👋🏽 ### Assistant: 🎉 ### Human: 😀 ### Assistant:👩‍👩‍👧", R, I),
    "japanese": ("### Human: 富士山 ### Assistant: 高い", R, I),
    "japanese template": ("指示：富士山\n応答：高い", "応答：", "指示："),
    "end token written": ("### Human: hi ### Assistant: yo</s>", R, I),
    "end tokens between turns": ("### Human: hi ### Assistant: yo</s>### Human: more ### Assistant: no</s>", R, I),
}


def main():
    with tempfile.TemporaryDirectory() as folder:
        subprocess.run([sys.executable, "-m", "pip", "install", "-q", "--no-deps", "--target", folder, TRL], check=True)
        sys.path.insert(0, folder)
        warnings.simplefilter("ignore")
        from transformers import PreTrainedTokenizerFast
        from trl import __version__
        from trl.trainer.utils import DataCollatorForCompletionOnlyLM

        results = []
        for kind in ("byte-level", "sentencepiece"):
            path = HERE.parent / "chat-templates" / "fixtures" / kind / "tokenizer.json"
            tokens = PreTrainedTokenizerFast(tokenizer_file=str(path), eos_token="</s>", pad_token="<s>")
            for name, (text, response, instruction) in ROWS.items():
                ids = tokens(text, add_special_tokens=False)["input_ids"]
                ids = ids if ids[-1] == tokens.eos_token_id else ids + [tokens.eos_token_id]
                collator = DataCollatorForCompletionOnlyLM(response, instruction, tokenizer=tokens)
                labels = collator([{"input_ids": ids}])["labels"][0].tolist()
                found = response in text and any(label != -100 for label in labels)
                results.append({"name": name, "tokenizer": kind, "text": text, "response": response, "instruction": instruction,
                                "ids": ids, "trained": [int(label != -100) for label in labels], "found": found})
        lines = ",\n".join(json.dumps(r, ensure_ascii=False, separators=(",", ":")) for r in results)
        (HERE / "fixtures.json").write_text(f'{{"trl": "{__version__}", "rows": [\n{lines}\n]}}\n')
        print(f"{len(results)} rows, template found in {sum(r['found'] for r in results)}")


if __name__ == "__main__":
    main()
