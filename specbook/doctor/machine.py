"""Versions of the packages, and what computes: processor, threads, accelerator."""

import importlib
import os
import platform
import re
from importlib import metadata
from pathlib import Path

from .. import __version__
from .report import Finding

# Where the module is not called like its package.
MODULES = {"pillow": "PIL", "scikit-image": "skimage", "scikit-learn": "sklearn", "pyyaml": "yaml"}
EXTRAS = {  # what is missing without them
    "torch": "training and trained networks; the laws work without",
    "book": "building the pages; reading and running them works without",
    "test": "the tests of the book",
}


def requirements():
    """The package's own requirements as (name, extra or "", Requirement or None)."""
    from packaging.requirements import Requirement

    for line in metadata.requires("specbook") or ():
        requirement = Requirement(line)
        extra = re.search(r"""extra\s*==\s*["']([\w-]+)""", line)
        yield requirement.name, extra[1] if extra else "", requirement


def importable(name):
    """Import a package; return its version, and what was wrong with it (or "")."""
    module = MODULES.get(name, name.replace("-", "_"))
    try:
        loaded = importlib.import_module(module)
    except ModuleNotFoundError as error:
        if error.name == module:
            return None, ""
        return None, f"needs {error.name}, which is not installed"
    except Exception as error:  # a broken library fails in its own way
        return None, f"{type(error).__name__}: {error}"
    try:
        return metadata.version(name), ""
    except metadata.PackageNotFoundError:
        return str(getattr(loaded, "__version__", "unknown")), ""


def versions():
    """Python, system, specbook, and every package that it names; the extras `EXTRAS` in short."""
    found = [
        Finding("Python", "ok", f"{platform.python_implementation()} {platform.python_version()}"),
        Finding("system", "ok", f"{platform.system()} {platform.release()}, {platform.machine()}"),
        Finding("specbook", "ok", __version__),
    ]
    try:
        wanted = list(requirements())
    except (metadata.PackageNotFoundError, ModuleNotFoundError) as error:
        reason = f"{type(error).__name__}: {error}"
        return [
            *found,
            Finding("packages", "FAILED", reason, "Install specbook with pip, not by copying."),
        ]
    for name, extra, requirement in wanted:
        if not extra or extra == "torch":
            found.append(_package(name, extra, requirement))
    for extra, purpose in EXTRAS.items():
        if extra != "torch":
            members = [name for name, of, _ in wanted if of == extra]
            found.append(_extra(extra, purpose, members))
    return found


def _package(name, extra, requirement):
    version, wrong = importable(name)
    install = f"pip install 'specbook[{extra}]'" if extra else f'pip install "{name}{{}}"'
    install = install.format(requirement.specifier)
    if wrong:
        advice = f"It is installed but does not load. Reinstall it: pip install -U {name}"
        return Finding(name, "FAILED", wrong, advice)
    if version is None and extra:
        return Finding(name, "note", "not installed", f"Needed for {EXTRAS[extra]}: {install}")
    if version is None:
        return Finding(name, "FAILED", "not installed", install)
    if not requirement.specifier.contains(version, prereleases=True):
        return Finding(name, "FAILED", f"{version}, needs {requirement.specifier}", install)
    return Finding(name, "ok", version)


def _extra(extra, purpose, members):
    """One line for the packages of an extra, which are not imported."""
    missing = []
    for name in members:
        try:
            metadata.version(name)
        except metadata.PackageNotFoundError:
            missing.append(name)
    if missing:
        text = f"not installed: {', '.join(missing)} ({purpose})"
        return Finding(f"extra {extra}", "note", text)
    return Finding(f"extra {extra}", "ok", f"all {len(members)} packages are installed")


def processor():
    """Name of the processor."""
    try:
        text = Path("/proc/cpuinfo").read_text(encoding="utf-8", errors="replace")
        return re.search(r"model name\s*:\s*(.+)", text)[1].strip()
    except (OSError, TypeError):
        return platform.processor() or platform.machine()


def device():
    """Processor, threads, and what PyTorch can compute on."""
    usable = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    found = [Finding("processor", "ok", f"{processor()}, {usable} cores to use")]
    wishes = [f"{name}={os.environ[name]}" for name in
              ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS",
               "VECLIB_MAXIMUM_THREADS") if name in os.environ]
    pools = _pools()
    found.append(Finding("threads", "ok", "; ".join([*pools, *wishes]) or "not known"))
    try:
        import torch
    except Exception:  # said under the versions
        return [*found, Finding("PyTorch", "skipped", "does not load")]
    threads = f"{torch.__version__}, threads: {torch.get_num_threads()}"
    found.append(Finding("PyTorch", "ok", threads))
    return [*found, *accelerators(torch)]


def _pools():
    """Libraries of linear algebra with their threads."""
    try:
        from threadpoolctl import threadpool_info
    except ImportError:
        return []
    pools = (
        f"{pool['internal_api']} {pool['version'] or ''} ({pool['num_threads']})".replace("  ", " ")
        for pool in threadpool_info()
    )
    return list(dict.fromkeys(pools))


def accelerators(torch):
    """CUDA and MPS as PyTorch sees them; a reader without any gets one line."""
    found = []
    if torch.cuda.is_available():
        for i in range(torch.cuda.device_count()):
            of = torch.cuda.get_device_properties(i)
            text = f"{of.name}, {of.total_memory / 2**30:.0f} GiB, capability {of.major}.{of.minor}"
            found.append(Finding(f"cuda:{i}", "ok", f"{text}, CUDA {torch.version.cuda}"))
    elif torch.version.cuda:
        found.append(
            Finding("cuda", "note", f"PyTorch is built for CUDA {torch.version.cuda}, and sees no"
                    " device", "If this machine has one, its driver is missing or too old.")
        )
    if getattr(torch.backends, "mps", None) and torch.backends.mps.is_available():
        found.append(Finding("mps", "ok", "available; it has no float64, so use the CPU for laws"))
    return found or [Finding("accelerator", "ok", "none: all chapters run on the CPU")]
