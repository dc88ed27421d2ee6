"""Figures: each carries its data, a caption, and an alt text whose claims the data bear out."""

import ast
import json
import re
import xml.etree.ElementTree as ET

import code_cells
import prose
from compare import compare_json
from pages import Problem

from specbook.reading.mime import CAPTION, FIGURE, PICTURE, PLOT

from . import mathematics

LARGEST = 300_000  # bytes of all that a figure stores
SINGLE = 1e-6  # a plot is stored in single precision, its record in double
SHORTEST_ALT = 40


def mystnb(record):
    """The metadata with which the page shows a figure."""
    return {
        "image": {"alt": record["alt"]},
        "figure": {"caption": record["caption"], "name": record["name"]},
    }


def _ids(root):
    return [element.get("id") for element in root.iter() if element.get("id")]


def _record_problems(record, data, metadata):
    name, alt = record["name"], record["alt"]
    if len(alt) < SHORTEST_ALT:
        yield f"the alt text of {name} has fewer than {SHORTEST_ALT} characters: say what it shows"
    if re.match(
        r"\s*(figure|image|picture|plot) (of|showing)|\s*(figure|image)\b", alt, flags=re.I
    ):
        yield f"the alt text of {name} should begin with what is seen, not with {alt.split()[0]!r}"
    if not record["shows"]:
        yield f"{name} shows nothing that its data could refute"
    for sentence in record["shows"]:
        if sentence not in alt:
            yield f"the alt text of {name} lacks {sentence!r}: make run"
    if not record["caption"].strip():
        yield f"{name} has no caption"
    if data.get("text/plain") != f"{name}: {alt}":
        yield f"the plain text of {name} is not its alt text: make run"
    if metadata.get(PICTURE, {}).get("alt") != alt:
        yield f"the alt text beside the stored picture of {name} is not the record's: make run"
    root = ET.fromstring(data[PICTURE])
    if root.get("role") != "img" or root.get("aria-label") != alt:
        yield f"the alt text in the stored picture of {name} is not the record's: make run"
    if any(found != f"{name}-{i}" for i, found in enumerate(_ids(root), start=1)):
        yield f"an id in the picture of {name} could be another figure's: make run"
    if not record.get("axes"):
        yield f"{name} has no plotted data"
    size = len(json.dumps(data))
    if size > LARGEST:
        yield f"{name} has {size // 1000} kB, more than {LARGEST // 1000}: fewer points or dots"


def _plot_problems(record, plot):
    """What an interactive figure stores: a plot of the record's numbers, with its controls."""
    from specbook.reading import greys, plotted

    name = record["name"]
    if plot is None or "series" not in record:
        if plot is not None or "series" in record:
            yield f"{name} has lost its plot or its record: make run"
        return
    if plotted.controls(plot) != record["controls"]:
        yield f"the slider or menu of {name} is not that of its record: make run"
    for message in compare_json(greys.pictures(plot), record.get("pictures", [])):
        yield f"the pictures of {name} are not those of its record ({message}): make run"
    for message in compare_json(plotted.series(plot), record["series"], SINGLE, "series"):
        yield f"the plot of {name} does not show the numbers of its record ({message}): make run"


def _typed(node, names):
    """Texts in an expression as the author typed them, without what the code puts in."""
    if isinstance(node, ast.Constant):
        yield node.value if isinstance(node.value, str) else ""
    elif isinstance(node, ast.Name) and node.id in names:
        yield from _typed(names[node.id], {})
    elif not isinstance(node, ast.FormattedValue):
        for part in ast.iter_child_nodes(node):
            yield from _typed(part, names)


def _source_problems(cell, settings):
    """In the code, numbers of captions and alt texts are settings; sentences can be false."""
    tree = code_cells.tree(cell)
    names = {
        node.targets[0].id: node.value
        for node in ast.walk(tree)
        if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name)
    }
    for call in (*code_cells.calls(tree, "figure"), *code_cells.calls(tree, "interactive")):
        given = {k.arg: k.value for k in call.keywords}
        for what in ("caption", "alt"):
            for text in _typed(given.get(what, ast.Constant("")), names):
                for number in mathematics.NUMBER.findall(text):
                    if number not in settings:
                        yield (
                            f"the number {number} is typed into the {what}: let the code put it in,"
                            " {value:g}, or show it with settings(...)"
                        )
        for value in getattr(given.get("shows"), "values", ()):
            if not any(isinstance(node, ast.Name) for node in ast.walk(value)):
                yield "shows: a condition without a variable cannot be false: compute it"


def check_figures(pages):
    """Every picture has our record, its cell's metadata agree with it, and the text cites it."""
    problems, names, cited = [], {}, set()
    for page in pages:
        for cell in page.prose():
            cited |= {
                link.target[1:] for link in prose.links(cell.source) if link.target[:5] == "#fig-"
            }
            cited |= set(re.findall(r"\{(?:numref|ref)\}`(?:[^`<]*<)?(fig-[\w-]+)", cell.source))
    for page in pages:
        settings = mathematics.settings_of(page)[1]
        for cell in page.code():

            def report(message, page=page, cell=cell):
                problems.append(Problem(page.path, cell.where, message))

            records = cell.records(FIGURE)
            for message in _source_problems(cell, settings):
                report(message)
            for output in cell.outputs:
                data = output.get("data", {})
                drawn = any(mime.startswith("image/") or mime == PLOT for mime in data)
                if drawn and FIGURE not in data:
                    report("a picture without data: show it with specbook.reading.figure")
                if FIGURE not in data:
                    continue
                if PICTURE not in data:
                    report(f"{data[FIGURE]['name']} has lost its picture: make run")
                    continue
                for message in _record_problems(data[FIGURE], data, output.get("metadata", {})):
                    report(message)
                for message in _plot_problems(data[FIGURE], data.get(PLOT)):
                    report(message)
            beside = [o for o in cell.outputs if CAPTION not in o.get("data", {})]
            if records and len(beside) > 1:
                report("a figure's cell shows nothing else: its metadata describe every output")
            wanted = mystnb(records[0]) if records else {}
            found = cell.metadata.get("mystnb", {})
            found = {k: v for k, v in found.items() if k in ("image", "figure")}
            if isinstance(found.get("image"), dict):
                found["image"] = {k: v for k, v in found["image"].items() if k != "width"}
            if found != wanted:
                report("the cell's metadata (caption, alt text) are not the figure's: make sync")
            for record in records:
                if record["name"] in names:
                    report(f"two figures are called {record['name']}")
                names[record["name"]] = page.path
                if record["name"] not in cited:
                    report(f"no text refers to {record['name']}: write [](#{record['name']})")
    return problems
