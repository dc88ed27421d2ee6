"""Ways to tamper with the evidence in a chapter: claims, figures, exercises, stored outputs.

Each function changes a notebook in place and returns the id of the cell to be pointed out.
"""

import ast
import re
from types import SimpleNamespace

import code_cells
import nbformat
import pytest
from tamper_text import markdown, other_digit, outputs_with, rewrite

from specbook.reading.mime import CLAIM, EXERCISE, FIGURE, PICTURE, SETTINGS


def claim_expectation_stored(nb):
    cell, data = outputs_with(nb, CLAIM, lambda record: record["says"] is None)
    data[CLAIM]["expected"] += 2 * data[CLAIM]["tol"]
    return cell.id


def claim_value_stored(nb):
    cell, data = outputs_with(nb, CLAIM, lambda record: record["says"] is None)
    data[CLAIM]["value"] *= 1.3
    return cell.id


def claim_tolerance_stored(nb):
    cell, data = outputs_with(nb, CLAIM, lambda record: record["says"] is None)
    data[CLAIM]["tol"] = 10 * abs(data[CLAIM]["value"]) + 1
    return cell.id


def claim_line_stored(nb):
    cell, data = outputs_with(nb, CLAIM)
    data["text/plain"] += "!"
    return cell.id


def _with_expected(nb, expected):
    """Give the first claim another `expected`, made from its value's syntax tree."""
    for cell in nb.cells:
        if cell.cell_type == "code":
            tree = code_cells.tree(cell)
            for call in code_cells.calls(tree, "claim"):
                keyword = next(k for k in call.keywords if k.arg == "expected")
                keyword.value = expected(call.args[1])
                cell.source = ast.unparse(tree)
                return cell.id
    pytest.fail("no claim is called")


def claim_expected_is_value(nb):
    return _with_expected(nb, lambda value: value)


def claim_expected_is_made_from_value(nb):
    return _with_expected(nb, lambda value: ast.BinOp(value, ast.Mult(), ast.Constant(1.001)))


def claim_expected_is_literal(nb):
    return _with_expected(nb, lambda value: ast.UnaryOp(ast.USub(), ast.Constant(1.11)))


def statement_that_cannot_be_false(nb):
    cell = next(c for c in nb.cells if c.cell_type == "code")
    cell.source += "\nstatement('it-is', 'it is', True, because='so')"
    return cell.id


def claim_deleted(nb):
    cell, _ = outputs_with(nb, CLAIM)
    cell.outputs = [o for o in cell.outputs if CLAIM not in o.get("data", {})]
    return cell.id


def claim_anchor_moved(nb):
    cell, match = markdown(nb, r'<a id="claim-[\w-]+"></a>')
    index = nb.cells.index(cell)
    rewrite(cell, match, "")
    return next(c.id for c in nb.cells[index:] if c.cell_type == "code")


def claim_uncited(nb):
    _, match = markdown(nb, r"\]\((#claim-[\w-]+)\)")
    for cell in nb.cells:
        if cell.cell_type == "markdown":
            cell.source = cell.source.replace(f"]({match[1]})", "](#sec-index)")
    name = match[1].removeprefix("#claim-")
    return outputs_with(nb, CLAIM, lambda record: record["name"] == name)[0].id


def alt_metadata(nb):
    cell, _ = outputs_with(nb, FIGURE)
    cell.metadata["mystnb"]["image"]["alt"] += " It falls."
    return cell.id


def alt_stored(nb):
    cell, data = outputs_with(nb, FIGURE)
    data[FIGURE]["alt"] = "Something else than what the picture shows, but long enough."
    return cell.id


def caption_metadata(nb):
    cell, _ = outputs_with(nb, FIGURE)
    cell.metadata["mystnb"]["figure"]["caption"] += " No."
    return cell.id


def _with_argument(nb, name, change):
    """Change one argument of the first call of `figure`, as a syntax tree."""
    for cell in nb.cells:
        if cell.cell_type == "code":
            tree = code_cells.tree(cell)
            for call in code_cells.calls(tree, "figure"):
                keyword = next(k for k in call.keywords if k.arg == name)
                keyword.value = change(keyword.value)
                cell.source = ast.unparse(tree)
                return cell.id
    pytest.fail("no figure is shown")


def caption_number(nb):
    more = ast.Constant(" All 317 of them.")
    return _with_argument(nb, "caption", lambda value: ast.BinOp(value, ast.Add(), more))


def alt_number(nb):
    more = ast.Constant(" All 317 of them.")
    return _with_argument(nb, "alt", lambda value: ast.BinOp(value, ast.Add(), more))


def sentence_that_cannot_be_false(nb):
    return _with_argument(
        nb, "shows", lambda value: ast.Dict(value.keys, [ast.Constant(True)] * len(value.keys))
    )


def figure_without_data(nb):
    cell, data = outputs_with(nb, FIGURE)
    del data[FIGURE]
    return cell.id


def figure_unmentioned(nb):
    cell, data = outputs_with(nb, FIGURE)
    name = data[FIGURE]["name"]
    for text_cell in nb.cells:
        if text_cell.cell_type == "markdown":
            text_cell.source = text_cell.source.replace(f"(#{name})", "(#sec-index)")
    return cell.id


def order_of_execution(nb):
    cell = [c for c in nb.cells if c.cell_type == "code"][-1]
    cell.execution_count += 1
    return cell.id


def warning_stored(nb):
    cell = next(c for c in nb.cells if c.cell_type == "code")
    cell.outputs.append(nbformat.v4.new_output("stream", name="stderr", text="Warning"))
    return cell.id


def comparison_switched_off(nb):
    cell, _ = outputs_with(nb, FIGURE)
    cell.metadata["tags"] = ["nbval-ignore-output"]
    return cell.id


def comparison_loosened(nb):
    cell, _ = outputs_with(nb, FIGURE)
    cell.metadata["nbval"] = {"rtol": 0.1}
    return cell.id


def times_stored(nb):
    cell, _ = outputs_with(nb, FIGURE)
    cell.metadata["execution"] = {"iopub.status.busy": "2024-01-01T00:00:00Z"}
    return cell.id


def solutions(nb):
    """The folded solutions, as a notebook of their own that shares its cells."""
    titled = [c for c in nb.cells if c.cell_type == "code" and "# @title Solution" in c.source]
    return SimpleNamespace(cells=titled)


def solution_judged_wrong(nb):
    cell, data = outputs_with(solutions(nb), EXERCISE)
    data[EXERCISE]["right"] = False
    return cell.id


def solution_missing(nb):
    cell, data = outputs_with(solutions(nb), EXERCISE)
    nb.cells.remove(cell)
    return data[EXERCISE]["label"]


def figure_value(nb):
    cell, data = outputs_with(nb, FIGURE, lambda r: any("lines" in axes for axes in r["axes"]))
    line = next(axes["lines"][0] for axes in data[FIGURE]["axes"] if "lines" in axes)
    line["y"]["values"][0] = line["y"]["values"][0] * 1.001 + 1e-6
    return cell.id


def figure_sum(nb):
    cell, data = outputs_with(nb, FIGURE, lambda r: any("lines" in axes for axes in r["axes"]))
    line = next(axes["lines"][0] for axes in data[FIGURE]["axes"] if "lines" in axes)
    line["y"]["sum"] = line["y"]["sum"] * 1.001 + 1e-6
    return cell.id


def _redrawn(nb, pattern, change):
    """Change the first match of `pattern` in the stored picture of a figure."""
    cell, data = outputs_with(nb, PICTURE, lambda svg: re.search(pattern, svg))
    data[PICTURE] = re.sub(pattern, change, data[PICTURE], count=1)
    return cell.id


CURVE = r'(?<=<path d=")M[\d. ]+(?:L[\d. -]+){2,}(?=" clip-path)'  # in axes, no glyph or marker


def figure_moved(nb):
    """A curve of the stored picture lies a tenth of a point higher."""
    return _redrawn(nb, CURVE, lambda m: re.sub(
        r"([\d.]+) ([\d.]+)", lambda p: f"{p[1]} {float(p[2]) - 0.1:.2f}", m[0]
    ))


def figure_bent(nb):
    """A curve of the stored picture has its second corner half a point elsewhere."""
    return _redrawn(nb, CURVE, lambda m: re.sub(
        r"(L[\d.]+ )([\d.]+)", lambda p: f"{p[1]}{float(p[2]) + 0.5:.2f}", m[0], count=1
    ))


def figure_cut(nb):
    """A curve of the stored picture ends half-way."""
    return _redrawn(nb, CURVE, lambda m: "L".join(m[0].split("L")[: 1 + m[0].count("L") // 2]))


def figure_recoloured(nb):
    """A curve of the stored picture has another colour, which is seen as well."""
    return _redrawn(nb, r"stroke:#2f72d6", "stroke:#cf5a2e")


def figure_faint(nb):
    return _redrawn(nb, r"stroke:#2f72d6", "stroke:#c8d4e8")


def figure_transparent(nb):
    return _redrawn(nb, r"stroke:#2f72d6", "stroke-opacity:0.3;stroke:#2f72d6")


def figure_small_type(nb):
    return _redrawn(nb, r"scale\([\d.]+ -[\d.]+\)", "scale(0.08 -0.08)")


def figure_pale_type(nb):
    """A word of the stored picture is grey enough for a line, too pale for type."""
    return _redrawn(nb, r"<g (?=transform=[^>]*scale)", '<g style="fill:#808080" ')


def figure_alt_inside(nb):
    return _redrawn(nb, r'aria-label="', 'aria-label="Not: ')


def figure_id(nb):
    """An id of the stored picture is one that other figures have, too."""
    cell, data = outputs_with(nb, PICTURE)
    name = data[FIGURE]["name"]
    data[PICTURE] = data[PICTURE].replace(f'{name}-1"', 'marker"')
    return cell.id


def printed_digit(nb):
    for cell in nb.cells:
        for output in cell.get("outputs", []):
            if output["output_type"] == "stream" and re.search(r"\d", output["text"]):
                output["text"] = other_digit(output["text"])
                return cell.id
    return shown_text(nb)


def shown_text(nb):
    cell, data = outputs_with(nb, "text/plain", lambda plain: not plain.startswith("claim "))
    data["text/plain"] = data["text/plain"] + " not"
    return cell.id


def output_removed(nb):
    cell, _ = outputs_with(nb, FIGURE)
    cell.outputs = []
    return cell.id


def setting_stored(nb):
    cell, data = outputs_with(nb, SETTINGS)
    row = next(row for row in data[SETTINGS] if re.search(r"\d", row["value"]))
    row["value"] = other_digit(row["value"])
    return cell.id


def claim_because_stored(nb):
    cell, data = outputs_with(nb, CLAIM)
    data[CLAIM]["because"] += ", and by magic"
    return cell.id
