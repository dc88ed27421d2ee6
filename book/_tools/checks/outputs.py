"""Stored outputs: complete, in order, free of noise, and each made by a call in its cell."""

import ast

import code_cells
from pages import Problem

TAGS = {"hide-cell", "hide-input", "hide-output", "remove-input", "remove-cell", "remove-output"}
NOTEBOOK_METADATA = {"kernelspec", "language_info"}
LARGEST_RTOL = 1e-4


def _calls(node, inside=()):
    """Calls outside function definitions, each with whether it stands in a loop or a branch."""
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.FunctionDef | ast.Lambda | ast.ClassDef):
            continue
        repeated = (
            *inside,
            isinstance(child, ast.For | ast.While | ast.If | ast.comprehension | ast.ListComp),
        )
        if isinstance(child, ast.Call):
            yield child, any(repeated)
        yield from _calls(child, repeated)


def _call_problems(cell):
    """Each call of a reading function left its output, and each such output has a call."""
    from specbook.reading import mime

    kinds = {
        "claim": mime.CLAIM, "statement": mime.CLAIM, "figure": mime.FIGURE,
        "interactive": mime.FIGURE, "settings": mime.SETTINGS, "check": mime.EXERCISE,
    }
    tree = code_cells.tree(cell)
    found = list(_calls(tree))
    for kind in set(kinds.values()):
        functions = {name for name, made in kinds.items() if made == kind}
        mine = [(c, loop) for c, loop in found if code_cells.name_of(c) in functions]
        count, single = len(cell.records(kind)), [c for c, loop in mine if not loop]
        called = "/".join(sorted(functions))
        if (
            count < len(single)
            or (mine and not count)
            or (count > len(single) and len(mine) == len(single))
        ):
            yield f"{len(mine)} call(s) of {called}, but {count} stored output(s): make run"
        for call in single:
            name = call.args[0] if call.args else None
            if kind == mime.CLAIM and isinstance(name, ast.Constant):
                if name.value not in {r["name"] for r in cell.records(kind)}:
                    yield f"claim {name.value} has no stored output: make run"
    for call in code_cells.calls(tree, "settings"):
        for row in call.args:
            if isinstance(row, ast.Tuple) and len(row.elts) == 3:
                if not any(isinstance(n, ast.Name) for n in ast.walk(row.elts[1])):
                    yield f"settings: {ast.unparse(row)} types the value again: use the variable"


def _cell_problems(cell):
    if cell.metadata.get("execution"):
        yield "the cell stores times of execution: make run"
    tags = set(cell.metadata.get("tags", [])) - TAGS
    if tags:
        yield f"the tag {', '.join(sorted(tags))} is not one of {', '.join(sorted(TAGS))}"
    if "NBVAL_" in cell.source or "PYTEST_VALIDATE" in cell.source:
        yield "no comment may switch off the comparison of outputs"
    override = cell.metadata.get("nbval", {})
    if (
        not isinstance(override, dict)
        or set(override) - {"rtol"}
        or override.get("rtol", 0) > LARGEST_RTOL
    ):
        yield f"metadata nbval may only set rtol, to at most {LARGEST_RTOL:g}; found {override}"
    for output in cell.outputs:
        if output["output_type"] == "error":
            yield f"the cell ends with {output.get('ename')}: {output.get('evalue')}"
        if output.get("name") == "stderr":
            yield f"the cell prints to stderr: {output['text'][:60]!r}"
        if any("widget" in mime for mime in output.get("data", {})):
            yield "the cell shows a widget, which is dead on the page: use a figure"
    yield from _call_problems(cell)


def check_outputs(pages):
    """Code cells ran 1..n; no errors, warnings, times or widgets; calls and outputs agree."""
    problems = []
    for page in pages:
        if page.notebook is None:
            continue
        extra = set(page.notebook.metadata) - NOTEBOOK_METADATA
        if extra:
            message = f"remove {', '.join(sorted(extra))}: make run"
            problems.append(Problem(page.path, "notebook metadata", message))
        count = 0
        for cell in page.cells:
            if cell.kind == "raw" or getattr(cell, "attachments", None):
                problems.append(
                    Problem(page.path, cell.where, "raw cells are not used in this book")
                )
            if cell.kind != "code":
                continue
            count += 1
            if cell.execution_count != count:
                message = (
                    f"ran as number {cell.execution_count}, stands as number {count}: make run"
                )
                problems.append(Problem(page.path, cell.where, message))
            problems += [Problem(page.path, cell.where, m) for m in _cell_problems(cell)]
    return problems
