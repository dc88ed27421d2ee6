"""Pictures from stored arrays."""

import numpy as np

from ..spectrum.layout import CHANNELS, picture_shape
from .photographs import GREY

ROUNDING = 1e-6  # by which floats may leave the range from 0 to 1


def unit(name, pixels):
    """Pixels from 0 to 1, as float64.

    Parameters
    ----------
    name : str
        Where they come from, for messages.
    pixels : ndarray
        Booleans, integers of 8 or 16 bits without sign, or floats from 0 to 1.

    Returns
    -------
    ndarray of float64

    Raises
    ------
    ValueError
        For all other numbers: their scale is not known.
    """
    if pixels.dtype == bool:
        return pixels.astype(np.float64)
    if pixels.dtype.kind == "u" and pixels.dtype.itemsize <= 2:
        return pixels / np.float64(np.iinfo(pixels.dtype).max)
    if pixels.dtype.kind in "iu":
        raise ValueError(
            f"{name} holds {pixels.dtype}, whose white is not known: store uint8 or uint16"
        )
    if pixels.dtype.kind != "f":
        raise ValueError(f"{name} holds {pixels.dtype}, not real numbers")
    if not np.isfinite(pixels).all():
        raise ValueError(f"{name} contains NaN or infinity")
    if pixels.min() < -ROUNDING or pixels.max() > 1 + ROUNDING:
        raise ValueError(
            f"{name} holds floats from {pixels.min():g} to {pixels.max():g}: they must lie between"
            " 0 and 1, so divide by 255, or bring (x + 1) / 2 to the range from 0 to 1"
        )
    return pixels.astype(np.float64)


def opaque(pixels, ground):
    """Pixels of 3 or 4 channels, the last of which is opacity, before a grey ground."""
    if pixels.shape[-1] == 3:
        return pixels
    opacity = pixels[..., 3:]
    return pixels[..., :3] * opacity + ground * (1 - opacity)


def pixels_of(file, grey, layout, ground):
    """Pictures of an ``.npy`` or ``.npz`` file; arguments as for `load_images`.

    Returns
    -------
    ndarray, shape (N, height, width) or (N, height, width, 3)
        From 0 to 1.
    """
    images, name = _stored(file), f"path {str(file)!r}"
    if images.ndim not in (3, 4) or 0 in images.shape:
        raise ValueError(
            f"{name} holds an array of shape {images.shape}; give (N, height, width),"
            " (N, height, width, channels) or (N, channels, height, width)"
        )
    if images.ndim == 3 and images.shape[2] == 3 < min(images.shape[:2]):
        raise ValueError(
            f"{name} holds one colour picture, of shape {images.shape}: store x[None], with an"
            " axis for the number of pictures"
        )
    (channels, *_), layout = picture_shape(name, images.shape, layout)
    if channels not in CHANNELS:
        raise ValueError(f"{name} has {channels} channels; give 1, 3 or 4")
    images = unit(name, images)
    if images.ndim == 3:
        return images
    if layout == "channels_first":
        images = np.moveaxis(images, 1, 3)
    if channels == 1:
        return images[..., 0]
    images = opaque(images, ground)
    return images @ GREY if grey else images


def _stored(file):
    try:
        loaded = np.load(file, allow_pickle=False)
        if isinstance(loaded, np.ndarray):
            return loaded
        with loaded:
            names = loaded.files
            name = "images" if "images" in names else names[0] if len(names) == 1 else None
            if name is not None:
                return loaded[name]
    except Exception as error:  # a truncated archive raises many kinds
        raise ValueError(f"path {str(file)!r} cannot be read as arrays: {error}") from None
    raise ValueError(f"path {str(file)!r} holds {names}; name the array of images 'images'")
