"""Execute the chapters from top to bottom in fresh kernels and store their outputs.

    python book/_tools/run.py [CHAPTER ...]        (or: make run CHAPTER=linear-denoiser)

A CHAPTER is a part of a path. A chapter whose run fails keeps its old file; outputs are written
in one step after the last cell, so nothing is lost if the run is stopped.
"""

import os
import re
import sys
import time

import nbformat
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError, DeadKernelError
from pages import BOOK, QUIET, page_files, write_notebook
from sync import sync

os.environ.update(QUIET)  # kernels inherit this
LONGEST = 40  # seconds for a chapter on two cores
COLOUR = re.compile(r"\x1b\[[0-9;]*m")
KERNEL = {"display_name": "Python 3", "language": "python", "name": "python3"}


def clean(notebook):
    """Leave out what differs between machines and runs: times, widget states, versions."""
    notebook.metadata = nbformat.from_dict(
        {"kernelspec": KERNEL, "language_info": {"name": "python"}}
    )
    for cell in notebook.cells:
        for key in ("execution", "collapsed", "scrolled", "trusted", "ExecuteTime"):
            cell.metadata.pop(key, None)
    return notebook


def execute(file, say=lambda text: None):
    """Run one chapter and replace its file; return the seconds it took."""
    notebook = clean(nbformat.read(file, as_version=4))
    cells = [i for i, cell in enumerate(notebook.cells) if cell.cell_type == "code"]
    begin = time.perf_counter()

    def progress(cell, cell_index, **_):
        done = sum(i <= cell_index for i in cells)
        say(f"cell {done} of {len(cells)}, {time.perf_counter() - begin:.0f} s")

    client = NotebookClient(
        notebook, timeout=600, kernel_name="python3", record_timing=False, coalesce_streams=True,
        resources={"metadata": {"path": str(file.parent)}}, on_cell_start=progress,
    )
    client.execute()
    write_notebook(file, clean(notebook))
    return time.perf_counter() - begin


def main(wanted):
    files = [file for file in page_files() if file.suffix == ".ipynb"]
    files = [f for f in files if not wanted or any(w in f.as_posix() for w in wanted)]
    if not files:
        sys.stdout.write(f"no chapter matches {' '.join(wanted) or 'book/**/*.ipynb'}\n")
        return 1
    terminal, failed, slow = sys.stdout.isatty(), [], []
    for file in files:
        name = file.relative_to(BOOK).as_posix()

        def say(text, name=name):
            if terminal:
                sys.stdout.write(f"\r\033[K{name}: {text}")
                sys.stdout.flush()

        try:
            seconds = execute(file, say)
        except (CellExecutionError, DeadKernelError) as error:
            failed.append(name)
            say("")
            message = str(error) if terminal else COLOUR.sub("", str(error))
            sys.stdout.write(f"\n{name} failed; its file is unchanged.\n{message}\n")
            continue
        say("")
        sys.stdout.write(("\r" if terminal else "") + f"{name}: {seconds:.0f} s\n")
        if seconds > LONGEST:
            slow.append(name)
    for name in slow:
        sys.stdout.write(f"{name} takes more than {LONGEST} s: make it smaller, or load a result\n")
    if failed:
        sys.stdout.write(f"not run to the end: {', '.join(failed)}; nothing was synchronised\n")
        return 1
    sys.stdout.write("\n".join(sync()) + "\n")
    return 0


if __name__ == "__main__":
    chosen = sys.argv[1:] or os.environ.get("CHAPTER", "").split()
    sys.exit(main(chosen))
