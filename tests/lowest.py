"""Print the lowest versions that pyproject.toml allows, as constraints for pip.

    python tests/lowest.py > lowest.txt && pip install -c lowest.txt ".[book,test]"

The scheduled workflow runs every chapter with them. Torch has the version of
``requirements.txt``: its older builds bring CUDA.
"""

import re
import sys
import tomllib
from pathlib import Path

from packaging.requirements import Requirement

ROOT = Path(__file__).resolve().parents[1]
PINNED = {"torch"}


def lowest(requirements, pins=None):
    """Constraints ``name==version``, sorted, of requirements such as ``"numpy>=2"``.

    `pins` are versions by name that stand instead of the lowest ones. A range such as ``==4.11.*``
    stays as it is; one without a lower bound is a ValueError. The package's own extras, of which
    others consist, are passed over.
    """
    lines = set()
    for text in requirements:
        requirement = Requirement(text)
        if requirement.name == "specbook":
            continue
        bounds = [s.version for s in requirement.specifier if s.operator in (">=", "==", "~=")]
        if not bounds:
            raise ValueError(f"{text!r} has no lower bound")
        lines.add(f"{requirement.name}=={(pins or {}).get(requirement.name, bounds[0])}")
    return sorted(lines)


def main(root=ROOT):
    project = tomllib.loads((root / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    requirements = sum(project["optional-dependencies"].values(), project["dependencies"])
    pins = dict(re.findall(r"^([\w-]+)==(\S+)$", (root / "requirements.txt").read_text(), re.M))
    return lowest(requirements, {name: pins[name] for name in PINNED})


if __name__ == "__main__":
    sys.stdout.write("\n".join(main()) + "\n")
