"""Images of the reader: folders, files and arrays."""

from glob import glob, has_magic
from os import PathLike
from pathlib import Path

from .._check import array, choice, flag, integer, scalar
from .picture_arrays import pixels_of
from .picture_files import SUFFIXES, read_all

ARRAYS = (".npy", ".npz")


def load_images(
    path,
    *,
    grey=True,
    side=None,
    size=None,
    layout=None,
    ground=1.0,
    range=(0.0, 1.0),
    errors="warn",
):
    """Images of the reader: a folder, files, or an array. Nothing is downloaded.

    Parameters
    ----------
    path : str, Path or sequence of them
        One of

        - a folder: all pictures in it and in its subfolders, sorted by their paths, as
          torchvision's ImageFolder has them; labels (names of subfolders) are not used. Names
          that begin with a dot are left out;
        - a picture (png, jpg, bmp, tif, webp, ppm, pgm), a pattern such as ``"faces/*/*.png"``,
          sorted too, or a sequence of files, folders and patterns, in its order;
        - an ``.npy`` array, or an ``.npz`` file with one array (or one named ``images``), of
          shape (N, height, width), (N, height, width, channels) or (N, channels, height, width)
          with 1, 3 or 4 channels.
    grey : bool
        Turn colour into grey.
    side : int, optional
        Cut the largest central square of each picture and scale it to this side. Not for arrays.
    size : (int, int), optional
        The same for a rectangle of this height and width. Without either, all pictures must have
        the same size.
    layout : {"channels_last", "channels_first"}, optional
        How an array of four axes is stored: needed unless one axis has 1, 3 or 4 entries, fewer
        than both others. The answer has the channels last in any case.
    ground : float
        What lies behind transparent pixels: a grey between 0 (black) and 1 (white).
    range : (float, float)
        What black and white become: ``(-1, 1)`` for most diffusion models.
    errors : {"warn", "raise"}
        What to do with pictures that cannot be read: leave them out, with one warning that
        counts them, or stop. If none can be read it stops in any case.

    Returns
    -------
    ndarray, shape (N, height * width) or (N, height * width * 3)
        float64, rows of a picture one after the other, and the three colours of a pixel side by
        side.

    Raises
    ------
    ValueError
        If `path` does not exist or holds no picture, sizes differ, or an array has the wrong
        shape, contains NaN or has numbers of unknown scale.

    Notes
    -----
    Black is 0 and white the largest value of the type: 255 for 8 bits, 65535 for 16 bits. Floats
    must lie between 0 and 1 already; others, and other integers, are refused, not guessed at.
    Pillow reads 16-bit colour as 8-bit. Pictures are turned as their EXIF tag says.

    Examples
    --------
    >>> from tempfile import TemporaryDirectory
    >>> from PIL import Image
    >>> with TemporaryDirectory() as folder:
    ...     Image.new("RGB", (8, 6), "white").save(f"{folder}/wide.png")
    ...     Image.new("L", (5, 5), "black").save(f"{folder}/square.png")
    ...     x = load_images(folder, size=(2, 3), range=(-1, 1))
    >>> x
    array([[-1., -1., -1., -1., -1., -1.],
           [ 1.,  1.,  1.,  1.,  1.,  1.]])
    """
    grey, ground = flag("grey", grey), scalar("ground", ground, low=0)
    if ground > 1:
        raise ValueError(f"ground must be at most 1, found {ground:g}")
    low, high = _ends(range)
    choice("errors", errors, ("warn", "raise"))
    files = _files(path)
    if len(files) == 1 and files[0].suffix.lower() in ARRAYS:
        for name, value in (("side", side), ("size", size)):
            if value is not None:
                raise ValueError(f"{name} is for picture files; an array is taken as it is")
        images = pixels_of(files[0], grey, layout, ground)
    else:
        if layout is not None:
            raise ValueError("layout is for arrays; picture files have none")
        images = read_all(files, grey, _size(side, size), ground, errors)
    images *= high - low
    images += low
    return images.reshape(len(images), -1)


def _ends(given):
    ends = array("range", given)
    if ends.shape != (2,) or ends[0] >= ends[1]:
        raise ValueError(f"range must be two numbers, of black and of white, found {given!r}")
    return ends.tolist()


def _size(side, size):
    if side is not None and size is not None:
        raise ValueError("size and side exclude each other: give one of them")
    if side is not None:
        return (integer("side", side),) * 2
    if size is None:
        return None
    try:
        height, width = size
    except (TypeError, ValueError):
        raise ValueError(
            f"size must be (height, width), found {size!r}; for a square give side="
        ) from None
    return integer("size", height), integer("size", width)


def _files(path):
    """All files that `path` means, in order."""
    if isinstance(path, str | PathLike):
        return _matches(path)
    try:
        parts = list(path)
    except TypeError:
        parts = [path]
    for part in parts:
        if not isinstance(part, str | PathLike):
            raise ValueError(
                f"path must be names of files or folders, not {type(part).__name__}"
            )
    files = [file for part in parts for file in _matches(part)]
    if not files:
        raise ValueError("path is an empty sequence")
    if len(files) > 1 and (stored := [f for f in files if f.suffix.lower() in ARRAYS]):
        raise ValueError(f"path: {stored[0].name} is an array; load it by itself")
    return files


def _matches(path):
    if path == "":  # which pathlib would take for the current folder
        raise ValueError("path is an empty name")
    try:
        place = Path(path).expanduser()
        if place.is_file():
            if place.suffix.lower() not in (*SUFFIXES, *ARRAYS):
                raise ValueError(
                    f"path {str(path)!r} is neither a picture ({', '.join(SUFFIXES)}) nor an .npy"
                    " or .npz file"
                )
            return [place]
        if place.is_dir():
            found = place.rglob("*")
            shown = (f for f in found if not any(p[0] == "." for p in f.relative_to(place).parts))
        elif has_magic(str(place)):
            shown = map(Path, glob(str(place), recursive=True))
        else:
            raise ValueError(f"path {str(path)!r} does not exist")
        pictures = (f for f in shown if f.suffix.lower() in SUFFIXES and f.is_file())
        files = sorted(pictures, key=lambda f: f.parts)
    except (OSError, RuntimeError) as error:  # a name that is too long, or of no user's home
        raise ValueError(f"path {str(path)!r} cannot be looked up: {error}") from None
    if not files:
        kind = "a folder without images" if place.is_dir() else "a pattern that no image matches"
        raise ValueError(f"path {str(path)!r} is {kind} ({', '.join(SUFFIXES)})")
    return files
