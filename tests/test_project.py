"""The files round the book agree with each other and with `_config.yml`."""

import re
import subprocess
import tomllib
from functools import cache
from pathlib import Path

import ledger
import pytest
import yaml
from packaging.requirements import Requirement
from packaging.specifiers import SpecifierSet
from packaging.utils import canonicalize_name

import specbook

ROOT = Path(__file__).parents[1]
MEGABYTE = 1_000_000
VENDORED = ("book/_static/mathjax/", "book/_static/plotly/")  # scripts of others, as published
CPU_TORCH = ("binder/", ".github/")  # only these may name the index of CPU builds


def load(name):
    text = (ROOT / name).read_text(encoding="utf-8")
    return tomllib.loads(text) if name.endswith(".toml") else yaml.safe_load(text)


@cache
def files():
    """What is in git, or would be after `git add .`."""
    listing = ["git", "ls-files", "--cached", "--others", "--exclude-standard", "-z"]
    try:
        found = subprocess.run(listing, cwd=ROOT, capture_output=True, text=True, check=True)
    except (OSError, subprocess.CalledProcessError):
        pytest.skip("not a git checkout")
    return sorted({name for name in found.stdout.split("\0") if name and (ROOT / name).is_file()})


@cache
def texts():
    """Text files by name; pictures inside notebooks are left out."""
    found = {}
    for name in files():
        if name.startswith(VENDORED):
            continue
        try:
            text = (ROOT / name).read_text(encoding="utf-8")
        except UnicodeDecodeError:
            continue
        found[name] = re.sub(r'"image/\w+": "[^"]*"', "", text)
    return found


def pins():
    lines = (ROOT / "requirements.txt").read_text().splitlines()
    requirements = [Requirement(line) for line in lines if line and not line.startswith("#")]
    return {canonicalize_name(r.name): str(r.specifier) for r in requirements}


def direct():
    project = load("pyproject.toml")["project"]
    extras = project["optional-dependencies"].values()
    every = [Requirement(line) for line in dict.fromkeys(sum(extras, project["dependencies"]))]
    return [requirement for requirement in every if requirement.name != project["name"]]


def test_requirements_are_exact_pins():
    lines = (ROOT / "requirements.txt").read_text().splitlines()
    names = [line.split("==")[0] for line in lines if line and not line.startswith("#")]
    assert all(re.fullmatch(r"==[\w.]+", pin) for pin in pins().values())
    assert len(names) == len(pins()), "a package is pinned twice"
    assert not [name for name in pins() if re.match("nvidia|triton|cuda|torchvision", name)]


@pytest.mark.parametrize("requirement", direct(), ids=str)
def test_pins_satisfy_the_ranges(requirement):
    version = pins()[canonicalize_name(requirement.name)].removeprefix("==")
    assert requirement.specifier, "a range needs a lower bound"
    assert version in requirement.specifier


def test_one_version():
    config, citation = load("_config.yml"), load("CITATION.cff")
    assert specbook.__version__ == config["sphinx"]["config"]["release"] == citation["version"]
    assert f"## [{specbook.__version__}]" in (ROOT / "CHANGELOG.md").read_text()


def test_python_version_of_binder():
    python = (ROOT / "binder/runtime.txt").read_text().strip().removeprefix("python-")
    assert python in SpecifierSet(load("pyproject.toml")["project"]["requires-python"])


def test_one_author():
    author = load("_config.yml")["author"]
    assert load("pyproject.toml")["project"]["authors"] == [{"name": author}]
    assert load("CITATION.cff")["authors"] == [{"name": author}]
    for name in ("LICENSE", "LICENSE-TEXT"):
        notice = rf"^Copyright \(c\) \d{{4}} {re.escape(author)}$"
        assert re.search(notice, (ROOT / name).read_text(), flags=re.M), name


def test_one_title():
    citation, config = load("CITATION.cff"), load("_config.yml")
    assert citation["title"].split(":")[0] == config["title"]
    assert config["sphinx"]["config"]["ogp_site_name"] == config["title"]
    assert (ROOT / "README.md").read_text().startswith(f"# {citation['title']}\n")


def test_one_repository_address():
    """Every address of the repository or of the pages is the one of _config.yml."""
    config = load("_config.yml")
    address, pages = config["repository"]["url"], config["html"]["baseurl"]
    owner, name = address.removeprefix("https://github.com/").split("/")
    assert config["sphinx"]["config"]["ogp_site_url"] == pages
    assert load("CITATION.cff")["repository-code"] == address
    assert load("CITATION.cff")["url"] == pages
    assert load("pyproject.toml")["project"]["urls"] == {"Repository": address, "Book": pages}
    known = rf"github\.com/{owner}/{name}|{re.escape(pages.removeprefix('https://'))}"
    for file, text in texts().items():
        ours = rf"github\.com/[\w.-]+/{name}\b|\b[\w-]+\.github\.io/{name}/"
        assert {x for x in re.findall(ours, text) if not re.fullmatch(known, x)} == set(), file


def test_installs_are_pinned():
    """A chapter in Colab gets the package of its own release, not what main has by then."""
    repository = load("_config.yml")["repository"]
    source = f"git+{repository['url']}"
    found = [re.findall(rf"{re.escape(source)}(@?[\w.-]*)", text)
             for name, text in texts().items() if name.endswith((".ipynb", ".md"))]
    refs = [ref for refs in found for ref in refs]
    assert set(refs) == {f"@{repository['branch']}"} and len(refs) > 10


def test_no_addresses_of_machines_or_registries():
    # In pieces, so that this file does not contain them.
    names = (("pypi",), ("pythonhosted",), ("npmjs",), ("conda", "anaconda"))
    hosts = [".".join((*parts, "org")) for parts in names]
    folders = re.compile(r"(?<![\w.~)}>-])/(?:ro" r"ot|ho" r"me|op" r"t|wo" r"rk|Us" r"ers)/\w")
    for name, text in texts().items():
        assert not [host for host in hosts if host in text], name
        assert not folders.search(text), f"{name}: {folders.search(text)}"
        if not name.startswith(CPU_TORCH):
            assert ".".join(("download", "pytorch", "org")) not in text, name


def test_no_large_files():
    large = {name for name in files() if (ROOT / name).stat().st_size > MEGABYTE}
    assert {name for name in large if not name.startswith(VENDORED)} == set()


@pytest.mark.parametrize(
    ("folder", "words"),
    list(zip(VENDORED, ("Apache License", "MIT License"), strict=True)),
)
def test_vendored_scripts_carry_their_licence(folder, words):
    assert words in (ROOT / folder / "LICENSE").read_text()
    assert folder.rstrip("/") in (ROOT / "LICENSE-TEXT").read_text()


def test_pages_of_the_contents_exist():
    for name in ledger.contents():
        assert any((ROOT / f"{name}{ending}").exists() for ending in (".md", ".ipynb")), name


@pytest.mark.parametrize("file", sorted((ROOT / "specbook").rglob("*.py")), ids=lambda f: f.name)
def test_a_file_has_one_concept(file):
    """As far as its length says so."""
    assert len(file.read_text(encoding="utf-8").splitlines()) <= 250, "split it by concept"
