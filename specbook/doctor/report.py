"""What the doctor finds, as Markdown for an issue or as JSON."""

import getpass
import json
import re
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from pathlib import Path

STATES = ("ok", "note", "skipped", "FAILED")
# A path of at least two parts, but not an address (https://...) nor a fraction.
PATHS = re.compile(
    r"(?<![\w/])(?!//)(?:[A-Za-z]:)?(?:[\\/][^\\/\s'\":;,()]+)+[\\/]([^\\/\s'\":;,()]+)"
)


@dataclass(frozen=True)
class Finding:
    """One line of the report.

    Attributes
    ----------
    what : str
        What was examined.
    state : {"ok", "note", "skipped", "FAILED"}
        Only ``FAILED`` makes an installation unfit.
    found : str
        Version or number, in words.
    advice : str
        What to do, where something is to do.
    """

    what: str
    state: str
    found: str
    advice: str = ""

    def __post_init__(self):
        if self.state not in STATES:
            raise ValueError(f"state must be one of {', '.join(STATES)}, not {self.state!r}")
        for name in ("found", "advice"):
            object.__setattr__(self, name, without_names(getattr(self, name)))


def without_names(text):
    """`text` without folders and without the user's name: reports are pasted into issues."""
    text = PATHS.sub(r"\1", text.replace(str(Path.home()), ""))
    try:
        user = getpass.getuser()
    except (KeyError, OSError, ImportError):  # no name, no need
        return text
    return re.sub(rf"\b{re.escape(user)}\b", "(user)", text) if len(user) > 2 else text


@dataclass
class Report:
    """Findings by section.

    Attributes
    ----------
    sections : dict of str to list of Finding
    seconds : float
        CPU time of the checks, without imports.
    """

    sections: dict = field(default_factory=dict)
    seconds: float = 0.0

    @property
    def findings(self):
        return [finding for found in self.sections.values() for finding in found]

    @property
    def healthy(self):
        """Nothing failed."""
        return all(finding.state != "FAILED" for finding in self.findings)

    def json(self):
        record = {
            "healthy": self.healthy,
            "seconds": round(self.seconds, 2),
            "sections": {name: list(map(asdict, found)) for name, found in self.sections.items()},
        }
        return json.dumps(record, indent=1, ensure_ascii=False) + "\n"

    def markdown(self):
        lines = ["## specbook doctor", ""]
        for name, found in self.sections.items():
            lines += [f"| {name} | | |", "|---|---|---|"]
            lines += [f"| {f.what} | {f.state} | {_cell(f.found)} |" for f in found] + [""]
        to_do = [finding for finding in self.findings if finding.advice]
        lines += [f"- **{f.what}** ({f.state}): {f.advice}" for f in to_do] + [""] * bool(to_do)
        failed = sum(finding.state == "FAILED" for finding in self.findings)
        lines.append(
            f"All is well. Checks took {self.seconds:.1f} s of CPU time."
            if self.healthy
            else f"{failed} of {len(self.findings)} checks failed. If the advice above does not"
            " help, open an issue and paste this report."
        )
        return "\n".join(lines) + "\n"


def _cell(text):
    return " ".join(text.split()).replace("|", "\\|")


def examine(progress: Callable[[str], None] = lambda what: None):
    """Examine the installation.

    Parameters
    ----------
    progress : callable
        Called with the name of each part before it begins.

    Returns
    -------
    Report
    """
    from . import checks, machine

    report = Report()
    progress("versions")
    report.sections["Versions"] = machine.versions()
    progress("device")
    report.sections["Device"] = machine.device()
    for part, together in (("Arithmetic", checks.ARITHMETIC), ("Known values", checks.KNOWN)):
        progress(part.lower())
        found = report.sections[part] = []
        for check in together:
            begin = time.process_time()
            found.append(run(check))
            report.seconds += time.process_time() - begin
    return report


def run(check):
    """The finding of one check; an exception is a finding, too."""
    what = check.__doc__.partition("\n")[0].rstrip(".")
    try:
        state, found, *advice = check()
    except ModuleNotFoundError as error:
        return Finding(what, "skipped", f"needs {error.name}, which is not installed")
    except Exception as error:  # the doctor reports whatever is wrong
        advice = ("This should not happen: the error's text says where.",)
        state, found = "FAILED", f"{type(error).__name__}: {error}"
    return Finding(what, state, found, *advice)
