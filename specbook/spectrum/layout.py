"""Which axis of an array of pictures holds the channels."""

import math

from .._check import choice
from .streaming import numbers

LAYOUTS = ("channels_last", "channels_first")
CHANNELS = (1, 3, 4)  # that are recognised without being told


def picture_shape(name, shape, layout=None):
    """Shape of one picture, and the layout, of an array of pictures.

    Parameters
    ----------
    name : str
        Name of the array, for messages.
    shape : tuple of int
        Of the array: (N, height, width), (N, height, width, channels) or
        (N, channels, height, width).
    layout : {"channels_last", "channels_first"}, optional
        Which of the last two it is. Without it the axis of channels is the one with 1, 3 or 4
        entries, if they are fewer than those of both other axes.

    Returns
    -------
    shape : (int, int, int)
        Channels, height and width.
    layout : {"channels_last", "channels_first"}
        "channels_last" for pictures of three axes: with one channel both are the same.

    Raises
    ------
    ValueError
        If `layout` is needed and not given.
    """
    if layout is not None:
        choice("layout", layout, LAYOUTS)
    if len(shape) == 3:
        return (1, *shape[1:]), "channels_last"
    if layout is None:
        fewest = min(shape[1:])
        alone = fewest in CHANNELS and shape[1:].count(fewest) == 1
        if not alone or shape[2] == fewest:
            raise ValueError(
                f"layout must be given for {name} of shape {tuple(shape)}, whose axis of channels"
                " is not certain: 'channels_last' for (N, height, width, channels) or"
                " 'channels_first' for (N, channels, height, width)"
            )
        layout = "channels_first" if shape[1] == fewest else "channels_last"
    if layout == "channels_first":
        return tuple(shape[1:]), layout
    return (shape[3], *shape[1:3]), layout


def flattened(name, value, layout=None):
    """Samples as rows, and what is known about the pictures that they were.

    Parameters
    ----------
    name : str
        Name of the array, for messages.
    value : array_like
        Of shape (N, d), or an array of pictures as `picture_shape` takes it; N >= 2.
    layout : {"channels_last", "channels_first"}, optional
        As for `picture_shape`.

    Returns
    -------
    rows : ndarray, shape (N, d)
        Pictures flattened in the order in which they come; a view where that can be.
    shape : (int, int, int) or None
        Channels, height and width; None for flat samples.
    layout : {"channels_last", "channels_first"} or None
        None for flat samples and for one channel, where it says nothing.
    """
    x = numbers(name, value, (2, 3, 4), "(N, d), or that of N pictures,")
    if x.ndim == 2:
        if layout is not None:
            raise ValueError(f"layout is for arrays of pictures, and {name} has shape {x.shape}")
        return x, None, None
    shape, layout = picture_shape(name, x.shape, layout)
    return x.reshape(len(x), -1), shape, layout if shape[0] > 1 else None


def picture_axes(shape, layout):
    """Shapes that one picture may have: of each layout with one channel, and without that axis."""
    channels, height, width = shape
    last, first = (height, width, channels), (channels, height, width)
    if channels == 1:
        return [(height, width), last, first]
    return [first if layout == "channels_first" else last]


def sound(shape, layout, d):
    """Whether `shape` and `layout` can be those of pictures of d numbers, or of flat data."""
    if shape is None:
        return layout is None
    return len(shape) == 3 and math.prod(shape) == d and layout in (None, *LAYOUTS)
