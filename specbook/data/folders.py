"""Images of the reader, from a folder or a file."""

from pathlib import Path

import numpy as np

from .._check import integer
from .photographs import GREY

SUFFIXES = (".png", ".jpg", ".jpeg", ".bmp", ".tif", ".tiff", ".webp")


def load_images(path, *, grey=True, side=None):
    """Images of the reader: a folder, an ``.npy`` or an ``.npz`` file. Nothing is downloaded.

    Parameters
    ----------
    path : str or Path
        A folder of images (png, jpg, bmp, tif, webp; read in the order of their names), an
        ``.npy`` array, or an ``.npz`` file with one array (or one named ``images``), of
        shape (N, height, width) or (N, height, width, 3 or 4).
    grey : bool
        Turn colour into grey.
    side : int, optional
        Cut the central square of each image and scale it to this side (folders only). Without
        it all images must have the same size.

    Returns
    -------
    ndarray, shape (N, height * width) or (N, height * width * 3)
        float64; integer images are scaled to lie between 0 and 1.

    Raises
    ------
    ValueError
        If `path` does not exist, holds no image, an image cannot be read, sizes differ, or an
        array has the wrong shape or contains NaN.
    """
    try:
        path = Path(path).expanduser()
    except TypeError:
        raise ValueError(f"path must be a file or folder name, not {path!r}") from None
    if side is not None:
        side = integer("side", side)
    if not path.exists():
        raise ValueError(f"path {str(path)!r} does not exist")
    if path.is_dir():
        images = _from_folder(path, side)
    elif side is not None:
        raise ValueError("side is for folders; an array is taken as it is")
    else:
        images = _from_array(path)
    if images.dtype == bool:
        images = images.astype(float)
    elif np.issubdtype(images.dtype, np.integer):
        images = images / np.iinfo(images.dtype).max
    if images.dtype.kind != "f":
        raise ValueError(f"path {str(path)!r} holds {images.dtype}, not real numbers")
    images = images.astype(np.float64)
    if images.ndim not in (3, 4) or 0 in images.shape:
        raise ValueError(
            f"path {str(path)!r} holds an array of shape {images.shape}; give (N, height, width)"
            " or (N, height, width, channels)"
        )
    if images.ndim == 4 and images.shape[3] not in (1, 3, 4):
        raise ValueError(f"path {str(path)!r} has {images.shape[3]} channels; give 1, 3 or 4")
    if not np.isfinite(images).all():
        raise ValueError(f"path {str(path)!r} contains NaN or infinity")
    if images.ndim == 4:
        images = images[..., :3] if images.shape[3] > 1 else images[..., 0]
    if grey and images.ndim == 4:
        images = images @ GREY
    return images.reshape(len(images), -1)


def _from_folder(folder, side):
    from PIL import Image, UnidentifiedImageError

    files = sorted(f for f in folder.iterdir() if f.suffix.lower() in SUFFIXES)
    if not files:
        raise ValueError(f"path {str(folder)!r} is a folder without images ({', '.join(SUFFIXES)})")
    images = []
    for file in files:
        try:
            with Image.open(file) as picture:
                if picture.mode[0] in "IF":  # converting would cut off bright values
                    raise OSError("more than 8 bits a pixel; save it in an .npy file instead")
                picture = picture.convert("RGB")
                if side is not None:
                    short = min(picture.size)
                    left, top = ((edge - short) // 2 for edge in picture.size)
                    picture = picture.crop((left, top, left + short, top + short))
                    picture = picture.resize((side, side), Image.Resampling.LANCZOS)
                images.append(np.asarray(picture))
        except (UnidentifiedImageError, OSError, SyntaxError) as error:
            raise ValueError(f"path: the image {file.name} cannot be read: {error}") from None
        if images[-1].shape != images[0].shape:
            raise ValueError(
                f"path: {file.name} is {images[-1].shape[:2]} pixels, {files[0].name} is"
                f" {images[0].shape[:2]}; give side= to bring all to one size"
            )
    return np.stack(images)


def _from_array(file):
    if file.suffix not in (".npy", ".npz"):
        raise ValueError(f"path {str(file)!r} is neither a folder nor an .npy or .npz file")
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
