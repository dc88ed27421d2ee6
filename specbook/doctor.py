"""``specbook doctor``: is this installation fit for the book, and if not, what to do.

Versions, threads and devices as the libraries give them, then three checks: a law against a known
value, the sampler against the law, a short training against the law of its steps.
"""

import getpass
import json
import os
import platform
import re
from dataclasses import asdict, dataclass
from importlib import metadata
from pathlib import Path

from . import __version__

# A path of at least two parts, but not an address (https://...) nor a fraction.
PATHS = re.compile(
    r"(?<![\w/])(?!//)(?:[A-Za-z]:)?(?:[\\/][^\\/\s'\":;,()]+)+[\\/]([^\\/\s'\":;,()]+)"
)
# Generated variance by brute-force integration (tests/oracles), without the closed form.
KNOWN = {"variance": 0.3, "q0": 0.5, "tau": 2.0, "sigma_min": 0.01, "sigma_max": 10.0}
KNOWN_VALUE = 0.1176855702182211
# What is not there without an extra of pyproject.toml.
EXTRAS = {
    "torch": "no experiments",
    "pictures": "no photographs",
    "plot": "no figures",
    "laws": "no laws in SymPy",
    "run": "no studies on several processes",
}


@dataclass(frozen=True)
class Finding:
    """One line of the report; only the state ``FAILED`` makes an installation unfit."""

    what: str
    state: str
    found: str
    advice: str = ""


def without_names(text):
    """`text` without folders and without the user's name: reports are pasted into issues."""
    text = PATHS.sub(r"\1", text.replace(str(Path.home()), ""))
    try:
        user = getpass.getuser()
    except (KeyError, OSError, ImportError):  # no name, no need
        return text
    return re.sub(rf"\b{re.escape(user)}\b", "(user)", text) if len(user) > 2 else text


def versions():
    """Python, system, specbook, and the packages that it names, against their ranges."""
    yield Finding("Python", "ok", f"{platform.python_implementation()} {platform.python_version()}")
    yield Finding("system", "ok", f"{platform.system()} {platform.release()}, {platform.machine()}")
    yield Finding("specbook", "ok", __version__)
    try:
        from packaging.requirements import Requirement
    except ModuleNotFoundError:
        advice = "pip install packaging"
        yield Finding("packages", "skipped", "needs packaging, which is not installed", advice)
        return
    try:
        wanted = [Requirement(line) for line in metadata.requires("specbook") or ()]
    except metadata.PackageNotFoundError as error:
        advice = "Install specbook with pip, not by copying."
        yield Finding("packages", "FAILED", f"{type(error).__name__}: {error}", advice)
        return
    for requirement in {line.name: line for line in reversed(wanted)}.values():
        name, optional = requirement.name, requirement.marker is not None
        install = f'pip install "{name}{requirement.specifier}"'
        if name == "specbook":  # an extra that consists of others
            continue
        try:
            version = metadata.version(name)
        except metadata.PackageNotFoundError:
            extra = re.search(r"extra *== *['\"](\w+)", str(requirement.marker))
            if not optional:
                yield Finding(name, "FAILED", "not installed", install)
            elif extra and extra[1] in EXTRAS:
                advice = f'pip install "specbook[{extra[1]}]"'
                yield Finding(name, "note", f"not installed: {EXTRAS[extra[1]]}", advice)
            continue
        if requirement.specifier.contains(version, prereleases=True):
            yield Finding(name, "ok", version)
        else:
            state = "note" if optional else "FAILED"
            yield Finding(name, state, f"{version}, needs {requirement.specifier}", install)


def devices():
    """Cores, threads of the libraries, and what PyTorch can compute on."""
    yield Finding("cores", "ok", f"{os.cpu_count()}")
    try:
        import torch
    except Exception as error:  # a broken library fails in its own way
        yield Finding("accelerators", "skipped", f"{type(error).__name__}: {error}")
    else:
        found = [torch.cuda.get_device_name(i) for i in range(torch.cuda.device_count())]
        found += ["MPS"] * torch.backends.mps.is_available()
        text = ", ".join(found) or "none: all chapters run on the CPU"
        yield Finding("accelerators", "ok", f"{text} (CUDA of PyTorch: {torch.version.cuda})")
    try:
        import numpy  # noqa: F401  (its libraries are to be listed)
        from threadpoolctl import threadpool_info
    except ModuleNotFoundError as error:
        yield Finding("threads", "skipped", f"needs {error.name}, which is not installed")
        return
    pools = (f"{pool['internal_api']} {pool['version'] or ''} ({pool['num_threads']})"
             for pool in threadpool_info())
    yield Finding("threads", "ok", "; ".join(dict.fromkeys(pools)))


def law():
    """a law against a value that was integrated without it"""
    from . import theory

    given = dict(KNOWN)
    variance, q0, tau = given.pop("variance"), given.pop("q0"), given.pop("tau")
    value = theory.linear(variance, q0=q0).generated_variance(tau, **given)
    return abs(float(value) / KNOWN_VALUE - 1), 1e-9


def sampler():
    """the sampler against the law of the same steps"""
    import numpy as np

    from . import noise, theory
    from .sampler import heun

    law, tau, sigmas = theory.linear([1.0, 0.03], q0=0.1), 0.4, noise.edm_schedule(18)
    end = heun(lambda x, sigma: law.gain(sigma, tau) * x, np.full(2, sigmas[0]), sigmas)
    variances = law.generated_variance(tau, sigmas=sigmas, method="heun")
    return float(np.abs(end**2 / variances - 1).max()), 1e-10


def training():
    """a trained denoiser against the law of the same steps"""
    import numpy as np

    from . import experiments, theory

    data = np.random.default_rng(3).standard_normal((64, 6)) * np.geomspace(1.0, 0.1, 6)
    data -= data.mean(axis=0)
    variances, modes = np.linalg.eigh(data.T @ data / len(data))
    plan = experiments.plan(variances, [0.1, 1.0], np.geomspace(0.03, 3.0, 5), cap=0.5)
    gains = theory.descent_gain(variances, plan.sigmas, plan.steps, plan.rates)
    error = 0.0
    for index, weights in experiments.descend(data, plan):
        gain = np.einsum("im,sij,jm->sm", modes, weights.reshape(-1, 6, 6).numpy(), modes)
        error = max(error, float(np.abs(gain / gains[:, index] - 1).max()))
    return error, 1e-10


CHECKS = (law, sampler, training)


def run(check):
    """The finding of one check, which returns an error and its bound."""
    what, advice = check.__doc__, "Reinstall the packages above, then specbook."
    try:
        error, bound = check()
    except ModuleNotFoundError as missing:
        return Finding(what, "skipped", f"needs {missing.name}, which is not installed")
    except Exception as wrong:  # a broken library fails in its own way
        return Finding(what, "FAILED", f"{type(wrong).__name__}: {wrong}", advice)
    found = f"relative error {error:.1e} (at most {bound:.0e})"
    return Finding(what, "ok", found) if error <= bound else Finding(what, "FAILED", found, advice)


def examine():
    """Examine the installation.

    Returns
    -------
    list of Finding
        Their texts name no people and no folders.
    """
    found = [*versions(), *devices(), *map(run, CHECKS)]
    return [Finding(f.what, f.state, without_names(f.found), f.advice) for f in found]


def healthy(findings):
    """Whether nothing failed."""
    return all(finding.state != "FAILED" for finding in findings)


def as_json(findings):
    """The report for a program."""
    record = {"healthy": healthy(findings), "findings": list(map(asdict, findings))}
    return json.dumps(record, indent=1, ensure_ascii=False) + "\n"


def as_markdown(findings):
    """The report for an issue: a table, then what to do."""
    def cell(text):
        return " ".join(text.split()).replace("|", "\\|")

    lines = ["## specbook doctor", "", "| what | | found |", "|---|---|---|"]
    lines += [f"| {cell(f.what)} | {f.state} | {cell(f.found)} |" for f in findings]
    lines += ["", *(f"- **{f.what}** ({f.state}): {f.advice}" for f in findings if f.advice)]
    lines.append("All is well." if healthy(findings) else "If the advice does not help, open an"
                 " issue and paste this report.")
    return "\n".join(lines) + "\n"
