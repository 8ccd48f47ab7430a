"""Calls Lorica's command line and keeps account of what was compared."""

import json
import os
import pathlib
import subprocess
import tempfile

import numpy as np

HOME = pathlib.Path(__file__).resolve().parents[2]
COMMAND = os.environ.get("LORICA", str(HOME / "submit" / "lorica"))
TOLERANCE = 1e-4


def call(*args):
    """Exit code and standard error of one command."""
    done = subprocess.run([COMMAND, *map(str, args)], capture_output=True, text=True)
    noise = ("WARNING: Using incubator", "Picked up ")
    lines = [line for line in done.stderr.splitlines() if not line.startswith(noise)]
    return done.returncode, "\n".join(lines)


class Refused(Exception):
    """Lorica ended with an error; the text is what it said."""


def run(*args):
    code, error = call(*args)
    if code != 0:
        raise Refused(error.strip())


def predict(model, data, *options):
    """One array of logits an example."""
    with tempfile.TemporaryDirectory() as folder:
        out = pathlib.Path(folder) / "out.jsonl"
        run("predict", "--model", model, "--data", data, "--out", out, *options)
        return [np.array(json.loads(line)["logits"]) for line in out.read_text().splitlines()]


class Account:
    """What was compared, and how it ended."""

    def __init__(self):
        self.rows = []

    def _add(self, part, case, ok, note):
        self.rows.append((part, case, ok, note))
        print(f"{'ok  ' if ok else 'FAIL'} {part:10} {case:58} {note}", flush=True)

    def same(self, part, case, expected, actual, tolerance=TOLERANCE):
        """Arrays of the same shapes that differ by no more than the tolerance."""
        try:
            found = actual() if callable(actual) else actual
            wanted = expected() if callable(expected) else expected
        except Refused as refusal:
            return self._add(part, case, False, f"refused: {refusal}")
        except Exception as error:  # the library's own
            return self._add(part, case, False, f"{type(error).__name__}: {error}")
        shapes = [np.shape(a) for a in wanted], [np.shape(a) for a in found]
        if shapes[0] != shapes[1]:
            return self._add(part, case, False, f"shapes {shapes[0]} and {shapes[1]}")
        far = max((float(np.max(np.abs(np.asarray(a) - np.asarray(b)))) for a, b in zip(wanted, found) if np.size(a)), default=0.0)
        self._add(part, case, far <= tolerance, f"{far:.1e}")

    def equal(self, part, case, expected, actual):
        """The same thing, such as token ids; the first difference is shown."""
        if expected == actual:
            return self._add(part, case, True, "equal")
        self._add(part, case, False, f"expected {str(expected)[:300]}, found {str(actual)[:300]}")

    def refused(self, part, case, action, *words):
        """An error of one line that holds these words."""
        try:
            action()
        except Refused as refusal:
            text = str(refusal)
            clear = "\n" not in text and text.startswith("lorica: ") and all(w in text for w in words)
            return self._add(part, case, clear, f"refused: {text}")
        self._add(part, case, False, "not refused")

    def greatest(self):
        """Greatest difference of each part."""
        worst = {}
        for part, _, ok, note in self.rows:
            if ok and "e" in note and note[0].isdigit():
                worst[part] = max(worst.get(part, 0.0), float(note))
        return worst
