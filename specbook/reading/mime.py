"""Machine-readable outputs of a chapter's cells, and how they reach the notebook.

Each is one JSON object under a type of its own beside the text or the picture that a reader
sees, so that tests and the ledger of claims read what the reader reads.
"""

CLAIM = "application/vnd.specbook.claim+json"
FIGURE = "application/vnd.specbook.figure+json"
SETTINGS = "application/vnd.specbook.settings+json"
EXERCISE = "application/vnd.specbook.exercise+json"
CAPTION = "application/vnd.specbook.caption+json"  # under a figure, not on the book's pages
PICTURE = "image/svg+xml"  # beside FIGURE
PLOT = "application/vnd.plotly.v1+json"  # beside FIGURE: plotly's own type, which Jupyter shows
ALL = (CLAIM, FIGURE, SETTINGS, EXERCISE)


def show(bundle, metadata=None):
    """Display a mime bundle in a notebook; outside one, print its text."""
    try:
        from IPython import get_ipython
        from IPython.display import display
    except ImportError:
        get_ipython = None
    if get_ipython is None or get_ipython() is None:
        print(bundle.get("text/plain", ""))
    else:
        display(bundle, metadata=metadata or {}, raw=True)
