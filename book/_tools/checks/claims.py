"""Claims: the number in the text is the number of the cell, and its evidence can fail."""

import ast
import math

import code_cells as code
import prose
from pages import Problem, closing_anchors

WRAPPERS = {"float", "int", "abs", "round"}


def _outputs(pages):
    """All claims of the book as (page, cell, record, text/plain)."""
    from specbook.reading.mime import CLAIM

    for page in pages:
        for cell in page.code():
            for output in cell.outputs:
                data = output.get("data", {})
                if CLAIM in data:
                    yield page, cell, data[CLAIM], data.get("text/plain")


def _record_problems(record, plain):
    """What is wrong with one claim by itself."""
    from specbook.reading.claims import claim_line, format_number

    name, value, expected, tol = (record[k] for k in ("name", "value", "expected", "tol"))
    if not all(map(math.isfinite, (value, expected, tol))) or abs(value - expected) > tol:
        yield f"claim {name}: {value} is not within {tol} of {expected}: find out which is wrong"
    if record["says"] is None:
        if record["text"] != format_number(value, record["form"]):
            yield f"claim {name}: the text {record['text']!r} is not the value {value}: make run"
        if value != 0 and tol > abs(value):
            yield f"claim {name}: tol {tol:g} exceeds the value {value:g}: tighten it"
    elif record["text"] != record["says"] or value != 1.0:
        yield f"claim {name}: the stored statement is not what it says: make run"
    if not record["because"].strip():
        yield f"claim {name}: because is empty: say where the expectation comes from"
    if plain != claim_line(record):
        yield f"claim {name}: the line under the cell is not the claim's: make run"


def _labels(page):
    """Targets in front of each code cell, by cell id."""
    before, found = [], {}
    for cell in page.cells:
        if cell.kind == "markdown":
            before = closing_anchors(cell.source)
        else:
            found[cell.id], before = before, []
    return found


def check_claims(pages):
    """Claims are true, unique, labelled at their own cell, and cited with their own words."""
    problems, records, cited = [], {}, set()
    for page, cell, record, plain in _outputs(pages):
        name = record["name"]
        for message in _record_problems(record, plain):
            problems.append(Problem(page.path, cell.where, message))
        if name in records:
            problems.append(Problem(page.path, cell.where, f"two claims are called {name}"))
        records[name] = record
        if f"claim-{name}" not in _labels(page)[cell.id]:
            message = f'put <a id="claim-{name}"></a> at the end of the text before this cell'
            problems.append(Problem(page.path, cell.where, message))
    for page in pages:
        names = {
            id(cell): {r["name"] for p, c, r, _ in _outputs([page]) if c is cell}
            for cell in page.code()
        }
        by_id = {cell.id: names[id(cell)] for cell in page.code()}
        for cell_id, labels in _labels(page).items():
            for label in labels:
                if label.startswith("claim-") and label[6:] not in by_id[cell_id]:
                    message = f"the target {label} stands before a cell without that claim"
                    problems.append(Problem(page.path, f"cell {cell_id}", message))
        for cell in page.prose():
            for link in prose.links(cell.source):
                if not link.target.startswith("#claim-"):
                    continue
                name = link.target[7:]
                cited.add(name)
                if name not in records:
                    message = f"the text cites claim {name}, which no cell makes"
                elif " ".join(link.text.split()) != " ".join(records[name]["text"].split()):
                    message = (
                        f"the text says {link.text!r}, claim {name} says {records[name]['text']!r}:"
                        " make sync, then read the sentence again"
                    )
                else:
                    continue
                problems.append(Problem(page.path, cell.where, message))
    for page, cell, record, _ in _outputs(pages):
        if record["name"] not in cited:
            message = f"no text cites claim {record['name']}: cite it or delete it"
            problems.append(Problem(page.path, cell.where, message))
    return problems


def _bare(node):
    """An expression without conversions around it."""
    while (
        isinstance(node, ast.Call) and isinstance(node.func, ast.Name)
        and node.func.id in WRAPPERS and node.args
    ):
        node = node.args[0]
    return node


def _resolve(node, aliases):
    node = _bare(node)
    for _ in range(9):
        if not (isinstance(node, ast.Name) and node.id in aliases):
            break
        node = _bare(aliases[node.id])
    return node


def _is_literal(node):
    return not any(isinstance(part, (ast.Name, ast.Attribute, ast.Call)) for part in ast.walk(node))


def check_sources(pages):
    """In the code, the expectation of a claim is neither the value itself nor a bare number."""
    problems = []
    for page in pages:
        aliases = {}
        for cell in page.code():
            tree = code.tree(cell)
            for node in ast.walk(tree):
                if isinstance(node, ast.Assign) and len(node.targets) == 1:
                    target = node.targets[0]
                    if isinstance(target, ast.Name) and isinstance(
                        _bare(node.value), ast.Name | ast.Constant
                    ):
                        aliases[target.id] = node.value
            for call in code.calls(tree, "claim"):
                for message in _source_problems(call, aliases):
                    problems.append(Problem(page.path, cell.where, message))
            for call in code.calls(tree, "statement"):
                if any(map(_is_literal, call.args[2:3])):
                    message = f"claim {ast.unparse(call.args[0])}: its condition cannot be false"
                    problems.append(Problem(page.path, cell.where, message))
    return problems


def _source_problems(call, aliases):
    given = {k.arg: k.value for k in call.keywords}
    given |= dict(zip(("name", "value"), call.args, strict=False))
    title = ast.unparse(given["name"]) if "name" in given else "without a name"
    if not {"value", "expected", "tol", "because"} <= given.keys():
        yield f"claim {title}: give value, expected, tol and because by name, not as **options"
        return
    value, expected = (_resolve(given[k], aliases) for k in ("value", "expected"))
    kind = given.get("kind")
    stated = isinstance(kind, ast.Constant) and kind.value == "stated"
    if _is_literal(expected) and not stated:
        yield (
            f"claim {title}: expected is a number typed by hand: compute it by another route,"
            ' or say kind="stated" and name the paper'
        )
    if _is_literal(value):
        yield f"claim {title}: the value is a number typed by hand, so nothing is measured"
    inside = {
        ast.dump(_resolve(part, aliases))
        for part in ast.walk(expected)
        if isinstance(part, ast.expr)
    }
    if not _is_literal(value) and ast.dump(value) in inside:
        yield f"claim {title}: expected is made from the value itself, so it cannot fail"
