"""Holds Lorica against the Python libraries whose files it reads and writes: docs/interop.md.

    python docs/interop/check.py [models] [exports] [imports] [tokens] [images] [keras]
"""

import importlib
import pathlib
import sys
import tempfile

import lorica

PARTS = ["models", "exports", "imports", "tokens", "images", "keras_files"]


def main(wanted):
    account = lorica.Account()
    with tempfile.TemporaryDirectory() as folder:
        for part in wanted or PARTS:
            place = pathlib.Path(folder) / part
            place.mkdir()
            importlib.import_module(part).check(account, place)
    failed = [row for row in account.rows if not row[2]]
    print(f"\n{len(account.rows)} comparisons, {len(failed)} failed; greatest differences {account.greatest()}")
    for part, case, _, note in failed:
        print(f"FAIL {part}: {case}: {note}")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
