"""Patches of photographs."""

import numpy as np

from .._check import choice, flag, generator, integer
from .photographs import GREY_ONLY, PHOTOGRAPHS, SPLITS, photograph


def natural_patches(
    side=8,
    *,
    per_photograph=3000,
    split="all",
    colour=False,
    remove_mean=True,
    normalise_contrast=False,
    rng=0,
):
    """Square patches from photographs, at random places.

    Parameters
    ----------
    side : int
        Side of a patch in pixels.
    per_photograph : int
        Patches from each photograph.
    split : {"all", "train", "test"} or str
        Which photographs, or the name of one. The split is by photograph, because patches
        overlap.
    colour : bool
        Three numbers a pixel, from the photographs that have colour.
    remove_mean : bool
        Subtract from each patch the mean of all its numbers, its brightness, which otherwise is
        most of the variance. One mode, the constant one, then has variance 0.
    normalise_contrast : bool
        Divide each patch by its standard deviation and leave out patches with one below 0.02.
        Only with `remove_mean`.
    rng : int or numpy.random.Generator
        Seed of the places.

    Returns
    -------
    ndarray, shape (N, side * side) or (N, side * side * 3)
        Rows of a patch one after the other, and the three colours of a pixel side by side. N is
        the number of photographs times `per_photograph`, less what `normalise_contrast` leaves
        out.

    Examples
    --------
    >>> natural_patches(8, per_photograph=10).shape
    (70, 64)
    """
    choice("split", split, (*SPLITS, *PHOTOGRAPHS))
    colour, remove_mean = flag("colour", colour), flag("remove_mean", remove_mean)
    normalise_contrast = flag("normalise_contrast", normalise_contrast)
    names = [n for n in SPLITS.get(split, (split,)) if not (colour and n in GREY_ONLY)]
    if not names:
        raise ValueError(f"split {split!r} is a grey photograph: it has no colour")
    shortest = min(min(photograph(name).shape) for name in names)
    side, per_photograph = integer("side", side), integer("per_photograph", per_photograph)
    if side > shortest:
        raise ValueError(f"side must be at most {shortest}, that of a photograph, found {side}")
    if normalise_contrast and not remove_mean:
        raise ValueError("normalise_contrast needs remove_mean=True")
    rng = generator("rng", rng)
    parts = []
    for name in names:
        windows = np.lib.stride_tricks.sliding_window_view(
            photograph(name, colour), (side, side), axis=(0, 1)
        )
        if colour:
            windows = np.moveaxis(windows, 2, -1)
        rows = rng.integers(windows.shape[0], size=per_photograph)
        columns = rng.integers(windows.shape[1], size=per_photograph)
        parts.append(windows[rows, columns].reshape(per_photograph, -1))
    patches = np.concatenate(parts)
    if remove_mean:
        patches = patches - patches.mean(axis=1, keepdims=True)
    if normalise_contrast:
        contrast = patches.std(axis=1, keepdims=True)
        patches = patches[contrast[:, 0] >= 0.02] / contrast[contrast[:, 0] >= 0.02]
    return patches
