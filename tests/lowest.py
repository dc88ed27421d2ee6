"""Print the lowest versions that pyproject.toml allows, as constraints for pip.

    python tests/lowest.py > lowest.txt && pip install -c lowest.txt -e ".[torch,book,test]"

The scheduled workflow runs every chapter with them. Torch is left out: its older builds bring
CUDA, and its pin in ``requirements.txt`` serves there, too.
"""

import sys
import tomllib
from pathlib import Path

from packaging.requirements import Requirement

ROOT = Path(__file__).resolve().parents[1]
LEFT_OUT = {"torch"}


def lowest(project):
    """Constraints ``name==version``, sorted, of the ``[project]`` table of a pyproject.toml.

    A range without a lower bound is a ValueError; a pin such as ``==4.11.*`` stays as it is.
    """
    lines = []
    extras = project.get("optional-dependencies", {}).values()
    for text in sum(extras, list(project["dependencies"])):
        requirement = Requirement(text)
        bounds = [s for s in requirement.specifier if s.operator in (">=", "==", "~=")]
        if not bounds:
            raise ValueError(f"{text!r} has no lower bound")
        if requirement.name not in LEFT_OUT:
            lines.append(f"{requirement.name}=={bounds[0].version}")
    return sorted(lines)


if __name__ == "__main__":
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    sys.stdout.write("\n".join(lowest(project)) + "\n")
