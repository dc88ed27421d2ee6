"""A Matplotlib figure as one small SVG: the same bytes whenever it is drawn, and no fonts needed.

The ground is white and the ink black, for any notebook viewer; the page makes its own variant.
"""

import base64
import io
import re
import xml.etree.ElementTree as ET

from .._needs import need

PHONE = 328  # pixels that a picture is wide on a phone of 360
SMALLEST = 9.0  # pixels of type there
POINTS = 1000  # markers and corners that stay lines; the rest is stored as pixels
DPI = 200, 150, 100  # of what is stored as pixels: the first with which the picture is small
SMALL, LARGEST = 80_000, 150_000  # bytes
SHARP = 128  # pictures with fewer pixels a side are stored pixel by pixel
SVG, XLINK = "http://www.w3.org/2000/svg", "http://www.w3.org/1999/xlink"
PNG = "data:image/png;base64,"
HREF = f"{{{XLINK}}}href"
REFERENCE = re.compile(r"(?<=#)[\w-]+")
NUMBER = re.compile(r"-?\d+\.\d+(?:e-?\d+)?")


def smallest_type(width):
    """Size of type in points that is `SMALLEST` pixels on a phone, in a figure of this width."""
    return SMALLEST / min(PHONE / width, 4 / 3)


def _enlarge_type(fig):
    """Type that would be too small on a phone gets the smallest size that is not."""
    from matplotlib.font_manager import FontProperties
    from matplotlib.text import Text

    least = smallest_type(72 * fig.get_figwidth())
    fig.draw_without_rendering()  # only now there are all ticks
    for text in fig.findobj(Text):
        if text.get_fontsize() < least:
            text.set_fontsize(least)
    for ax in fig.axes:
        for axis in (ax.xaxis, ax.yaxis):
            for which in ("major", "minor"):
                size = axis.get_tick_params(which).get("labelsize")
                if size is not None and FontProperties(size=size).get_size_in_points() < least:
                    axis.set_tick_params(which, labelsize=least)


def _weight(artist):
    """How many markers or corners an artist draws."""
    from matplotlib.collections import QuadMesh
    from matplotlib.lines import Line2D

    if isinstance(artist, Line2D):
        marked = artist.get_marker() not in ("None", "none", "", " ", None)
        path = artist.get_transform().transform_path(artist.get_path())
        lined = artist.get_linestyle() not in ("None", "none", "", " ")
        corners = len(path.cleaned(simplify=True).vertices) if lined else 0
        return corners + marked * len(path.vertices)
    if isinstance(artist, QuadMesh):
        return artist.get_array().size
    shapes = sum(len(path.vertices) for path in artist.get_paths())
    return max(shapes, len(artist.get_offsets()))


def _is_ink(artist):
    """Whether an artist has black, to which the page gives its own colour, if it is no pixels."""
    from matplotlib.colors import to_rgba_array
    from matplotlib.lines import Line2D

    if isinstance(artist, Line2D):
        used = [artist.get_color(), artist.get_markerfacecolor(), artist.get_markeredgecolor()]
        colours = to_rgba_array([c for c in used if c is not None])
    else:
        colours = to_rgba_array([*artist.get_facecolor(), *artist.get_edgecolor()])
    return bool(((colours[:, :3] == 0).all(axis=1) & (colours[:, 3] > 0)).any())


def _rasterise(fig):
    """The heaviest artists become pixels, until the others have at most `POINTS` points."""
    from matplotlib.collections import Collection
    from matplotlib.image import AxesImage
    from matplotlib.lines import Line2D

    found = [a for a in fig.findobj(lambda a: isinstance(a, Line2D | Collection))
             if a.axes is not None and a.get_visible() and not _is_ink(a)]
    weights = sorted(((_weight(a), i) for i, a in enumerate(found)), reverse=True)
    total = sum(weight for weight, _ in weights)
    for weight, i in weights:
        if total <= POINTS:
            break
        found[i].set_rasterized(True)
        total -= weight
    for image in fig.findobj(AxesImage):
        if max(image.get_array().shape[:2]) <= SHARP:
            image.set_interpolation("none")


def _round(text, digits):
    """Decimals of a string rounded, without minus zero."""
    return NUMBER.sub(lambda m: f"{round(float(m[0]), digits) + 0.0:.{digits}f}".rstrip("0")
                      .rstrip("."), text)


def _smaller(png):
    """A picture without the channels that say nothing, or drawn things in 256 colours; base64."""
    from PIL import Image

    image, small = Image.open(io.BytesIO(base64.b64decode(png))).convert("RGBA"), io.BytesIO()
    red, green, blue, alpha = image.split()
    grey = red.tobytes() == green.tobytes() == blue.tobytes()
    if alpha.getextrema() == (255, 255):
        image = image.convert("L" if grey else "RGB")
    elif grey:
        image = image.convert("LA")
    else:
        image = image.quantize(256)
    image.save(small, "png", optimize=True)
    return base64.b64encode(small.getvalue()).decode()


def _tidy_attributes(element):
    for key, value in element.attrib.items():
        if value.startswith(PNG):
            value = PNG + _smaller(value.removeprefix(PNG))
        elif key == "d":
            value = re.sub(r"\s*([A-Za-z])\s*", r"\1", _round(value, 2)).strip()
        elif key in ("x", "y", "width", "height", "points"):
            value = _round(value, 2)
        elif key == "transform":
            value = re.sub(r"translate\([^)]*\)", lambda m: _round(m[0], 2), _round(value, 6))
        elif key == "style":
            value = _round(value, 3).replace(": ", ":").replace("; ", ";").strip(";")
        element.set(key, value)


def _share_styles(root):
    """A style that all parts of a group have becomes the group's own."""
    for group in root.iter(f"{{{SVG}}}g"):
        styles = {part.get("style") for part in group}
        if len(group) > 1 and len(styles) == 1 and None not in styles and not group.get("style"):
            group.set("style", styles.pop())
            for part in group:
                del part.attrib["style"]


def _flatten(element):
    """Groups that say nothing give way to their parts."""
    parts = []
    for part in element:
        _flatten(part)
        bare = part.tag == f"{{{SVG}}}g" and not part.attrib
        parts += list(part) if bare else [part]
        part.tail = None
    element.text = None
    element[:] = parts


def _rename(root, name):
    """Ids that something refers to become the figure's name and a number; others go."""
    attributes = (v for e in root.iter() for k, v in e.attrib.items() if "#" in v and k != "id")
    used = {found for value in attributes for found in REFERENCE.findall(value)}
    new = {}
    for element in root.iter():
        old = element.attrib.pop("id", None)
        if old in used:
            new[old] = f"{name}-{len(new) + 1}"
            element.set("id", new[old])
    for element in root.iter():
        for key in (HREF, "clip-path", "style"):
            if "#" in element.get(key, ""):
                element.set(key, REFERENCE.sub(lambda m: new.get(m[0], m[0]), element.get(key)))


def _tidy(drawn, name, alt):
    """The SVG of Matplotlib without what changes, leaks or is of no use; with a name and a ground.

    Its style sheet would hold for the whole page into which the picture is put.
    """
    ET.register_namespace("", SVG)
    ET.register_namespace("xlink", XLINK)
    root = ET.fromstring(drawn)
    for parent in list(root.iter()):
        for child in list(parent):
            unwanted = child.tag.endswith(("}metadata", "}style"))
            if unwanted or child.tag.endswith("}defs") and all(
                part.tag.endswith("}style") for part in child
            ):
                parent.remove(child)
    _rename(root, name)
    for element in root.iter():
        _tidy_attributes(element)
    _share_styles(root)
    _flatten(root)
    root.set("role", "img")
    root.set("aria-label", alt)
    root.set("style", "fill:#000000;stroke-linejoin:round;stroke-linecap:butt")
    root.insert(0, ET.Element(
        f"{{{SVG}}}rect", {"width": "100%", "height": "100%", "style": "fill:#ffffff"}
    ))
    return re.sub(r"(?=<g[ >])", "\n", ET.tostring(root, encoding="unicode")) + "\n"


def draw(fig, name, alt):
    """The figure as SVG; it is closed.

    Type that is smaller than 9 pixels on a phone is enlarged, and what has very many points is
    stored as pixels.

    Parameters
    ----------
    fig : matplotlib.figure.Figure
        Drawn figure.
    name : str
        Begins the ids in the picture.
    alt : str
        What the picture shows, for those who cannot see it.

    Returns
    -------
    str

    Raises
    ------
    ValueError
        If the picture is larger than 150 kB.
    """
    need("specbook.reading.figure", "plot", "matplotlib", "PIL")
    import matplotlib.pyplot as plt

    _enlarge_type(fig)
    _rasterise(fig)
    for patch in (fig.patch, *(ax.patch for ax in fig.axes), *(s.patch for s in fig.subfigs)):
        if patch.get_facecolor()[:3] == (1.0, 1.0, 1.0):
            patch.set_visible(False)  # the ground is one rectangle
    fixed = {"svg.hashsalt": name, "svg.fonttype": "path", "svg.image_inline": True}
    for dpi in DPI:
        drawn = io.StringIO()
        with plt.rc_context(fixed):
            fig.savefig(drawn, format="svg", dpi=dpi, metadata={"Date": None, "Creator": None})
        svg = _tidy(drawn.getvalue(), name, alt)
        if len(svg) <= SMALL:
            break
    plt.close(fig)
    if len(svg) > LARGEST:
        raise ValueError(
            f"fig {name} takes {len(svg) // 1000} kB, more than {LARGEST // 1000}: draw fewer"
            " points or pixels, or pass rasterized=True to what is heavy"
        )
    return svg
