"""Copies run folders from the driver's disk to a volume: keep_runs.py SOURCE TARGET STATE.

A volume takes whole files only, while a run in progress appends to rounds.jsonl. Finished runs that are there already
are left alone; unfinished ones (their names end with .incomplete) are copied anew.

STATE is how the training task ended. Anything but "success" is this task's failure too, because a job is judged by its
last task.
"""

import pathlib
import shutil
import sys


def keep(source: pathlib.Path, target: pathlib.Path) -> None:
    target.mkdir(parents=True, exist_ok=True)
    for run in sorted(folder for folder in source.iterdir() if folder.is_dir()):
        if (target / run.name).exists() and not run.name.endswith(".incomplete"):
            continue
        # Contents only: a volume keeps no permissions and no times.
        shutil.copytree(run, target / run.name, copy_function=shutil.copyfile, dirs_exist_ok=True)
        print(f"kept {target / run.name}")


def main(arguments: list[str]) -> None:
    if len(arguments) != 3:
        raise SystemExit(f"keep_runs.py: expected SOURCE TARGET STATE, got {len(arguments)} arguments")
    source, target, state = pathlib.Path(arguments[0]), pathlib.Path(arguments[1]), arguments[2]
    if not source.is_dir():
        raise SystemExit(f"keep_runs.py: {source}: no such folder; no run began")
    keep(source, target)
    if state.lower() != "success":
        raise SystemExit(f"keep_runs.py: the training task ended with {state!r}")


if __name__ == "__main__":
    main(sys.argv[1:])
