"""Run copies of the notebooks outside the repository, against the package installed as a wheel.

    python book/_tools/outside.py [--only-run] [CHAPTER ...]        (or: make test)

So a chapter runs as in Colab: there is the notebook and the installed package, no repository.
nbval compares the outputs with the stored ones, two notebooks at a time; a message names the
notebook by its path in the repository. A CHAPTER is a part of a path; WORKERS=1 (environment)
runs one notebook after the other. With --only-run outputs are not compared, since other versions
of Matplotlib draw other pictures; claims and statements still stop a notebook. Everything is in a
temporary folder, which goes at the end.
"""

import os
import shutil
import signal
import subprocess
import sys
import tempfile
from pathlib import Path

from nbformat.v4 import new_code_cell, new_notebook
from pages import BOOK, page_files, write_notebook

ROOT = BOOK.parent
SOURCES = ("pyproject.toml", "README.md", "LICENSE", "specbook")  # what the wheel is made of
# What the comparison needs.
CHECKS = ("conftest.py", "_tools/compare.py", "_tools/compare_svg.py", "_tools/pages.py")
CANARY = "imports-the-wheel.ipynb"
TIMEOUT = 600  # seconds for a cell
ONLY_RUN = "--only-run"


def copy(name, source, target):
    (target / name).parent.mkdir(parents=True, exist_ok=True)
    if (source / name).is_dir():
        unwanted = shutil.ignore_patterns("__pycache__")
        shutil.copytree(source / name, target / name, ignore=unwanted)
    else:
        shutil.copy(source / name, target / name)


def install(folder):
    """Install the working tree as a wheel below `folder`; return where to import it from.

    It is built from a copy: setuptools would find files of earlier builds in the checkout.
    """
    for name in SOURCES:
        copy(name, ROOT, folder / "source")
    pip = [sys.executable, "-m", "pip", "--quiet", "--disable-pip-version-check"]
    wheels, package = folder / "wheels", folder / "package"
    build = ["wheel", "--no-deps", "--no-build-isolation", "--wheel-dir", wheels, folder / "source"]
    subprocess.run([*pip, *build], check=True)
    unpack = ["install", "--no-deps", "--no-index", "--target", package, *wheels.glob("*.whl")]
    subprocess.run([*pip, *unpack], check=True)
    return package


def write_canary(folder, package):
    """A notebook that fails if its kernel imports another specbook, such as the checkout's."""
    source = (
        "from pathlib import Path\n\nimport specbook\n\n"
        f"assert Path(specbook.__file__).is_relative_to({str(package)!r}), specbook.__file__"
    )
    folder.mkdir(parents=True, exist_ok=True)
    write_notebook(folder / CANARY, new_notebook(cells=[new_code_cell(source, id="canary")]))


def nbval(folder, package, workers, compared=True):
    """Run all notebooks of `folder` with kernels that import from `package`; return the status."""
    command = [
        sys.executable, "-m", "pytest", "book", f"--rootdir={folder}", "-p", "no:cacheprovider",
        "--nbval" if compared else "--nbval-lax", "--nbval-current-env",
        f"--nbval-cell-timeout={TIMEOUT}",
        "-n", str(workers), "--dist", "loadfile",
    ]
    environment = os.environ | {"PYTHONPATH": str(package)}
    with subprocess.Popen(command, cwd=folder, env=environment) as process:
        try:
            return process.wait()
        except BaseException:
            process.terminate()
            raise


def main(arguments=(), workers=2):
    """Status of pytest; 1 if no chapter matches."""
    wanted = [argument for argument in arguments if argument != ONLY_RUN]
    names = [f.relative_to(BOOK).as_posix() for f in page_files() if f.suffix == ".ipynb"]
    names = [name for name in names if not wanted or any(part in name for part in wanted)]
    if not names:
        sys.stdout.write(f"no chapter matches {' '.join(wanted)}\n")
        return 1
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # so that the folder goes then, too
    with tempfile.TemporaryDirectory(prefix="specbook-", ignore_cleanup_errors=True) as folder:
        folder = Path(folder).resolve()
        package = install(folder)
        for name in (*CHECKS, *names):
            copy(name, BOOK, folder / "book")
        write_canary(folder / "book", package)
        return nbval(folder, package, workers, ONLY_RUN not in arguments)


if __name__ == "__main__":
    try:
        sys.exit(main(sys.argv[1:], int(os.environ.get("WORKERS", 2))))
    except KeyboardInterrupt:
        sys.exit(130)
