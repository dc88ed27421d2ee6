"""Sphinx extension: the pictures of chapters have the colours of the page, in light and dark.

A chapter stores its figures as SVG with black ink on a white ground, for every reader of notebooks.
The page shows a variant without a ground, whose ink is the theme's colour of text; lines and
photographs keep their colours. A media query inside the picture follows the theme's switch, since
the theme tells the browser by `color-scheme` which of the two it shows. The theme dims pictures
in dark mode and puts white behind them; the class ``dark-light`` says that these need neither.
"""

import re
import sys
from pathlib import Path

from docutils import nodes

sys.path.append(str(Path(__file__).resolve().parents[1] / "_tools"))

from checks.pictures import GROUNDS  # noqa: E402

# The theme's colours of text and ground.
LIGHT = {"ink": "#222832", "paper": GROUNDS["white"]}
DARK = {"ink": "#ced6dd", "paper": GROUNDS["the dark page"]}
ENLARGED = 1.15  # on a wide page type of pictures is about as large as that of the text
SIZE = re.compile(r'(width|height)="([\d.]+)pt"')
GROUND = re.compile(r'<rect width="100%" height="100%"[^>]*/>\n?')
STYLED = re.compile(r'style="[^"]*"')


def _variables(colours):
    return "svg{" + "".join(f"--{name}:{colour};" for name, colour in colours.items()) + "}"


STYLE = f"<style>{_variables(LIGHT)}@media(prefers-color-scheme:dark){{{_variables(DARK)}}}</style>"


def for_page(svg):
    """The variant of a stored picture that the page shows."""

    def recoloured(match):
        style = match[0].replace("#000000", "var(--ink)")
        return style.replace("#ffffff", "var(--paper)")

    def enlarged(match):
        return f'{match[1]}="{ENLARGED * float(match[2]):.2f}pt"'

    svg = STYLED.sub(recoloured, GROUND.sub("", svg, count=1))
    svg = SIZE.sub(enlarged, svg, count=2)
    return svg.replace(">", f">\n{STYLE}", 1)


def change_pictures(app, doctree):
    """Give a page its variant of each picture that a cell of it stores."""
    for image in doctree.findall(nodes.image):
        if not image["uri"].endswith(".svg"):
            continue
        file = Path(app.env.relfn2path(image["uri"])[1])
        svg = file.read_text(encoding="utf-8") if file.exists() else ""
        if not GROUND.search(svg):
            continue  # not a figure of a chapter
        variant = file.with_name(f"{file.stem}-page.svg")
        variant.write_text(for_page(svg), encoding="utf-8")
        image["uri"] = str(Path(image["uri"]).with_name(variant.name).as_posix())
        image["classes"].append("dark-light")


def setup(app):
    app.connect("doctree-read", change_pictures, priority=400)  # before Sphinx collects pictures
    return {"parallel_read_safe": True, "parallel_write_safe": True}
