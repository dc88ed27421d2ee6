"""Photographs and digits that other packages ship."""

from functools import cache

import numpy as np

from .._check import choice, flag
from .._needs import need

#: Names of the photographs.
PHOTOGRAPHS = ("astronaut", "camera", "chelsea", "china", "coffee", "flower", "rocket")
HELD_OUT = ("coffee", "flower")  # never in the split "train"
#: Photographs of each split.
SPLITS = {
    "all": PHOTOGRAPHS,
    "train": tuple(name for name in PHOTOGRAPHS if name not in HELD_OUT),
    "test": HELD_OUT,
}
GREY = np.array([0.299, 0.587, 0.114])
GREY_ONLY = ("camera",)  # left out where colour is asked for


def photograph(name, colour=False):
    """One of the bundled photographs.

    Parameters
    ----------
    name : str
        One of `PHOTOGRAPHS`.
    colour : bool
        Keep the colours. There are none in "camera".

    Returns
    -------
    ndarray, shape (height, width)
        From 0 to 1, and read-only; in colour shape (height, width, 3).
    """
    return _photograph(choice("name", name, PHOTOGRAPHS), flag("colour", colour))


@cache
def _photograph(name, colour):
    """What `photograph` returns, read once."""
    if colour and name in GREY_ONLY:
        raise ValueError(f"name {name!r} is a grey photograph: it has no colour")
    if name in ("china", "flower"):
        need("specbook.data.photograph", "pictures", "sklearn")
        from sklearn.datasets import load_sample_image

        pixels = load_sample_image(f"{name}.jpg")
    else:
        need("specbook.data.photograph", "pictures", "skimage")
        import skimage.data

        pixels = getattr(skimage.data, name)()
    if colour:
        values = pixels[..., :3] / 255.0
    else:
        values = pixels / 255.0 if pixels.ndim == 2 else pixels[..., :3] @ GREY / 255.0
    values.setflags(write=False)
    return values


def digits():
    """Handwritten digits of scikit-learn.

    Returns
    -------
    ndarray, shape (1797, 64)
        Pictures of 8 x 8 pixels, rows one after the other, from 0 to 1.
    """
    need("specbook.data.digits", "pictures", "sklearn")
    from sklearn.datasets import load_digits

    return load_digits().data / 16.0
