"""Stored pictures: type that can be read on a phone, lines that are seen in light and in dark.

Each colour is compared with the ground of the page in both modes. What is exempt, and why: black,
which becomes the page's colour of text; white, the ground's own; areas through which the ground
shows, since they lie behind what is to be seen, and their edges are lines; pixels.
"""

import re
import xml.etree.ElementTree as ET

from pages import Problem

from specbook.reading import svg as drawn
from specbook.reading.mime import FIGURE, PICTURE, PLOT

GROUNDS = {"white": "#ffffff", "the dark page": "#121212"}
OWN = {"#000000", "#ffffff", "none"}  # ink and ground of the page; nothing
LEAST = {"type": 4.5, "line": 3.0, "marker": 3.0, "area": 3.0}  # contrast, by WCAG 2.2
TYPE = re.compile(r"scale\(([\d.]+) -\1\)")  # glyphs stand upright in a picture of 100 points
TAG = f"{{{drawn.SVG}}}"


def _light(colour):
    """Red, green and blue as the eye adds them, between 0 and 1."""
    return [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]


def _luminance(rgb):
    linear = [c / 12.92 if c <= 0.03928 else ((c + 0.055) / 1.055) ** 2.4 for c in rgb]
    return sum(share * c for share, c in zip((0.2126, 0.7152, 0.0722), linear, strict=True))


def contrast(colour, ground, opacity=1.0):
    """Contrast of a colour to the ground through which it is laid, as WCAG defines it."""
    below = _light(ground)
    seen = [opacity * c + (1 - opacity) * g for c, g in zip(_light(colour), below, strict=True)]
    bright, dark = sorted((_luminance(seen), _luminance(below)), reverse=True)
    return (bright + 0.05) / (dark + 0.05)


def _style(element, above):
    """What holds for an element: its style and that of the groups around it."""
    own = dict(part.split(":") for part in element.get("style", "").split(";") if part)
    opacity = float(above.get("opacity", 1)) * float(own.pop("opacity", 1))
    return {**above, **own, "opacity": opacity}


def colours(element, ids, above=None, kind="area"):
    """Every colour that is drawn: (kind, colour, opacity), once for each part."""
    if element.tag in (f"{TAG}defs", f"{TAG}clipPath", f"{TAG}image"):
        return
    style = _style(element, above or {})
    if TYPE.search(element.get("transform", "")):
        kind = "type"
    if element.tag == f"{TAG}use":
        style = _style(ids[element.get(drawn.HREF)[1:]], style)
        kind = "type" if kind == "type" else "marker"
    if element.tag in (f"{TAG}use", f"{TAG}path", f"{TAG}rect"):
        for paint, what in (("fill", kind), ("stroke", "line")):
            opacity = style["opacity"] * float(style.get(f"{paint}-opacity", 1))
            colour = style.get(paint, "none")
            if colour not in OWN and not (what == "area" and opacity < 1):
                yield what, colour, opacity
    for child in element:
        yield from colours(child, ids, style, kind)


def sizes(root):
    """The sizes of type in pixels, where the picture is as wide as a phone lets it be."""
    scale = min(drawn.PHONE / float(root.get("width").removesuffix("pt")), 4 / 3)
    found = (TYPE.search(element.get("transform", "")) for element in root.iter())
    return {round(100 * float(match[1]) * scale, 2) for match in found if match}


def problems_of(svg):
    """What is too small or too faint in a stored picture."""
    root = ET.fromstring(svg)
    ids = {e.get("id"): e for e in root.iter() if e.get("id")}
    least = min(sizes(root), default=drawn.SMALLEST)
    if least < drawn.SMALLEST - 0.01:
        yield f"has type of {least:.1f} pixels on a phone, less than {drawn.SMALLEST:g}: larger"
    for what, colour, opacity in sorted(set(colours(root, ids))):
        for ground, light in GROUNDS.items():
            found = contrast(colour, light, opacity)
            if found < LEAST[what]:
                through = f" with opacity {opacity:g}" if opacity < 1 else ""
                yield (f"has {what} of colour {colour}{through}, contrast {found:.1f} on {ground},"
                       f" less than {LEAST[what]:g}: the cycle C0, C1, ... or reading.ramp")


def problems_of_plot(plot):
    """What is too faint in the plot of an interactive figure, whose ink is "black"."""
    for trace in plot["data"]:
        parts = (trace.get(part, {}).get("color") for part in ("line", "marker"))
        own = {colour for colour in parts if colour is not None}
        if not own:
            yield f"has a plotted curve without a colour of its own: {trace.get('name')!r}"
        for colour in own - {"black"}:
            if not re.fullmatch(r"#[0-9a-f]{6}", str(colour)):
                yield f"has a plotted curve of colour {colour!r}: write #rrggbb, or black for ink"
                continue
            for ground, light in GROUNDS.items():
                if contrast(colour, light) < LEAST["line"]:
                    yield f"has a plotted curve of colour {colour}, too faint on {ground}"


def check_pictures(pages):
    """Every stored picture can be read on a phone, in light and in dark."""
    problems = []
    for page in pages:
        for cell in page.code():
            for output in cell.outputs:
                data = output.get("data", {})
                if not {PICTURE, FIGURE} <= data.keys():
                    continue
                found = [*problems_of(data[PICTURE])]
                found += problems_of_plot(data[PLOT]) if PLOT in data else []
                problems += [
                    Problem(page.path, cell.where, f"{data[FIGURE]['name']} {message}")
                    for message in found
                ]
    return problems
