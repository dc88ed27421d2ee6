"""Carry the repository's address and the author from ``_config.yml`` into all other files.

The values that the files have now are those of ``pyproject.toml``; where they differ from
``_config.yml``, every text file of the project is rewritten. Lines that install from the
repository name the branch or tag of ``_config.yml``, so that a chapter gets the package that it
was run with.
"""

import re
import tomllib
from pathlib import Path

import yaml
from pages import write_atomically

KINDS = {".md", ".ipynb", ".toml", ".cff", ".yml", ".yaml", ".txt", ".py", ".js", ""}
SKIPPED = {"_build", "build", "dist", "node_modules", "mathjax", "plotly", "__pycache__"}


def replacements(root):
    """Old and new text for each value that has changed."""
    config = yaml.safe_load((root / "_config.yml").read_text(encoding="utf-8"))
    project = tomllib.loads((root / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    old, new = project["urls"]["Repository"], config["repository"]["url"]
    pairs = [(project["authors"][0]["name"], config["author"])]
    pairs.append((project["urls"]["Book"], config["html"]["baseurl"]))
    slugs = [url.removeprefix("https://github.com/").rstrip("/") for url in (old, new)]
    for host in ("github.com", "github", "gh"):  # GitHub, Colab, Binder
        pairs.append((f"{host}/{slugs[0]}", f"{host}/{slugs[1]}"))
    return [(before, after) for before, after in pairs if before != after]


def pinned(text, repository):
    """`text` with the branch or tag behind each address that pip installs from."""
    source = f"git+{repository['url']}"
    return re.sub(rf"{re.escape(source)}(?:@[\w.-]+)?", f"{source}@{repository['branch']}", text)


def carry(root):
    """Rewrite the files that show an old value; return their paths, relative to `root`."""
    root, changed = Path(root), []
    pairs = replacements(root)
    repository = yaml.safe_load((root / "_config.yml").read_text(encoding="utf-8"))["repository"]
    for file in sorted(root.rglob("*")):
        inside = file.relative_to(root)
        hidden = any(p.startswith(".") and p not in (".github", ".ci") for p in inside.parts)
        if hidden or SKIPPED & set(inside.parts) or file.suffix not in KINDS or not file.is_file():
            continue
        try:
            text = new = file.read_text(encoding="utf-8")
        except UnicodeDecodeError:
            continue
        for before, after in pairs:
            new = new.replace(before, after)
        new = pinned(new, repository)
        if new != text:
            mode = file.stat().st_mode & 0o777
            write_atomically(file, new)
            file.chmod(mode)
            changed.append(inside.as_posix())
    return changed
