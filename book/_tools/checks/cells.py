"""Open code cells are read: they fit the page, and each does one thing that a reader can follow."""

from pages import Problem

WIDEST = 76  # characters (77 fit the page in a window of 1280 pixels), but for addresses
LONGEST = 25  # lines
FOLDS = ("hide-", "remove-")  # tags of cells that a reader opens, or never sees, begin like this
# Chapters that are still to be re-taught: how many of their cells may be wider or longer. These
# numbers only shrink, and a chapter that has none left loses its line.
TO_RETEACH = {
    "foundations/data-spectra.ipynb": 7,
    "foundations/denoising-gaussians.ipynb": 5,
    "foundations/gaussian-equivalence.ipynb": 9,
    "training-time/deep-linear.ipynb": 7,
    "training-time/emergence-law.ipynb": 7,
    "training-time/flow-matching.ipynb": 8,
    "training-time/full-width-convolution.ipynb": 10,
    "training-time/local-convolution.ipynb": 6,
    "training-time/neural-networks.ipynb": 2,
}


def too_large(cell):
    """What is wrong with an open code cell, or nothing."""
    if any(tag.startswith(FOLDS) for tag in cell.metadata.get("tags", [])):
        return ""
    lines = cell.source.splitlines()
    wide = sum(len(line) > WIDEST and "://" not in line for line in lines)
    found = [f"{wide} lines of more than {WIDEST} characters"] * (wide > 0)
    found += [f"{len(lines)} lines, more than {LONGEST}"] * (len(lines) > LONGEST)
    return " and ".join(found)


def check_cells(pages, to_reteach=None):
    """Open cells are narrow and short, but for as many as the chapter is still allowed."""
    allowed = TO_RETEACH if to_reteach is None else to_reteach
    problems = []
    for page in pages:
        found = [(cell.where, what) for cell in page.code() if (what := too_large(cell))]
        may = allowed.get(page.path, 0)
        if len(found) > may:
            problems += [
                Problem(page.path, where, f"an open cell has {what}: shorten or fold it")
                for where, what in found
            ]
        elif len(found) < may:
            message = f"only {len(found)} cells are too large: lower its {may} in checks/cells.py"
            problems.append(Problem(page.path, "open cells", message))
    gone = allowed.keys() - {page.path for page in pages}
    return problems + [
        Problem(path, "open cells", "no such page: delete its line in checks/cells.py")
        for path in sorted(gone)
    ]
