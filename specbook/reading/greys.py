"""Grey pictures inside an interactive figure: plotly's ``layout.images``, a set for each frame.

A picture is stored as a PNG of 64 grey levels, so that sixty of them weigh little.
"""

import base64
import io

import numpy as np

from .._check import array
from .._needs import need
from .figures import LONGEST

START = "data:image/png;base64,"
LEVELS = 64
STEP = 255 / (LEVELS - 1)  # from one level to the next, on the scale 0..255
CLEAR = 1  # stands for a transparent pixel; no level is stored as this


def embedded(values):
    """A grey picture as an address that ``layout.images`` of an interactive figure takes.

    Parameters
    ----------
    values : array_like, shape (height, width)
        From 0 (black) to 1 (white), in 64 levels; what lies beyond is cut, and NaN is transparent.

    Returns
    -------
    str
        For ``source`` of an image of plotly, in the layout and in frames.

    Raises
    ------
    ValueError
        If `values` is not a picture, or has no numbers.
    """
    values = array("values", values, ndim=2, finite=False)
    if values.ndim != 2 or np.isnan(values).all():
        raise ValueError("values must have the shape (height, width) and some numbers, "
                         f"found shape {values.shape}")
    need("specbook.reading.embedded", "plot", "PIL")
    from PIL import Image

    levels = np.rint(values.clip(0, 1) * (LEVELS - 1))
    grey = np.where(np.isnan(levels), CLEAR, np.rint(levels * STEP))
    stored = io.BytesIO()
    picture = Image.fromarray(grey.astype(np.uint8))
    picture.save(stored, format="png", optimize=True, transparency=CLEAR)
    return START + base64.b64encode(stored.getvalue()).decode()


def _pixels(source):
    """Grey values from 0 to 255 of a stored picture."""
    from PIL import Image

    with Image.open(io.BytesIO(base64.b64decode(source.removeprefix(START)))) as picture:
        return np.asarray(picture.convert("L"), dtype=float)


def _states(plot):
    """The images of a plot as first shown and then in each frame that has some."""
    layouts = [plot["layout"], *(frame.get("layout", {}) for frame in plot["frames"])]
    return [layout["images"] for layout in layouts if layout.get("images")]


def check_pictures(plot, still):
    """Refuse pictures that are not embedded, that change place, or that the still lacks."""
    found = _states(plot)
    if not found:
        return
    places = [[image | {"source": ""} for image in images] for images in found]
    if "images" not in plot["layout"] or any(images != places[0] for images in places):
        raise ValueError("fig has images that come, go or move: a frame may change their source")
    if not all(str(i.get("source", "")).startswith(START) for images in found for i in images):
        raise ValueError("fig has an image that is not embedded: use reading.embedded")
    drawn = [
        255 * np.ma.filled(image.get_array().astype(float), np.nan).clip(0, 1)
        for ax in still.axes
        for image in ax.get_images()
    ]
    for image in plot["layout"]["images"]:
        pixels = _pixels(image["source"])
        if not any(
            array.shape == pixels.shape
            and np.abs(np.nan_to_num(array, nan=CLEAR) - pixels).max() <= STEP
            for array in drawn
        ):
            raise ValueError("still lacks a picture that fig shows at first")


def pictures(plot):
    """Each image of a stored plot as the record keeps it: in all frames one after the other."""
    found = []
    for images in zip(*_states(plot), strict=True):
        pixels = np.stack([_pixels(image["source"]) for image in images])
        every = -(-pixels[0].size // LONGEST)
        found.append({
            "shape": list(pixels.shape), "step": STEP,
            "pixels": pixels.reshape(len(pixels), -1)[:, ::every].tolist(),
            "mean": pixels.mean(axis=(1, 2)).round(3).tolist(),
            "deviation": pixels.std(axis=(1, 2)).round(3).tolist(),
        })
    return found
