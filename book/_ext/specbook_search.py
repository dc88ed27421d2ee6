"""Sphinx extension: a search finds a page also by the words of others for what stands on it.

The papers say eigenmode where the book says mode or eigenvector; half of the readers spell
regularization with a z. Such words go into the index of the search, and nowhere else on the page.
"""

import re

from docutils import nodes

OTHERS = {  # pattern of the book's words -> words that readers may look for
    r"eigenvector|modes? of (?:the|their) covariance": "eigenmode eigenmodes PCA",
    r"emergence time|learning time": "mode emergence",
    r"regularis": "regularization regularize weight decay",
    r"memoris": "memorization memorize",
    r"generalis": "generalization generalize",
    r"normalis": "normalization normalize",
    r"parametris": "parameterization parametrization",
    r"probability[- ]flow ODE": "DDIM",
    r"variance exploding": "VE SDE NCSN SMLD",
    r"variance preserving": "VP SDE DDPM",
    r"Heun": "EDM sampler",
}


def others(text):
    """What readers may look for on a page with this text."""
    return [words for pattern, words in OTHERS.items() if re.search(pattern, text, flags=re.I)]


def add_keywords(app, doctree):
    """Put the words into a ``keywords`` tag, which Sphinx indexes."""
    words = " ".join(others(" ".join(doctree.astext().split()))).split()
    if words:
        doctree.insert(0, nodes.meta(name="keywords", content=", ".join(words)))


def setup(app):
    app.connect("doctree-read", add_keywords)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
