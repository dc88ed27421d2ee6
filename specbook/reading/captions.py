"""The caption under a figure in a plain notebook: its number, its words and its alt text.

The book's pages have captions of their own and leave this output out.
"""

from html import escape

from .citation import labels
from .mime import CAPTION, show


def caption_bundle(name, caption, alt, number=None):
    """The output under a figure, as a mime bundle.

    Parameters
    ----------
    name : str
        Address of the figure, ``fig-...``.
    caption : str
        In Markdown.
    alt : str
        What the picture shows; folded, for viewers that lose the alt text of pictures.
    number : str, optional
        Number of the figure in the book, ``"4.2"``.

    Returns
    -------
    dict
    """
    head = f"Fig. {number}." if number else "Fig."
    folded = f"<details><summary>What the picture shows</summary>{escape(alt)}</details>"
    return {
        CAPTION: {"name": name},
        "text/markdown": f"**{head}** {caption}\n\n{folded}",
        "text/plain": f"{head} {caption}",
    }


def show_caption(name, caption, alt):
    """Show the caption of a figure of the book with its number; of a figure of yours without.

    Parameters
    ----------
    name, caption, alt : str
        As in `caption_bundle`.
    """
    show(caption_bundle(name, caption, alt, labels().get(name, {}).get("number")))
