"""Data without downloads: photographs that other packages ship, Gaussians, the reader's own images.

Photographs come from scikit-image and scikit-learn; licences and attribution stand on the
page "Image credits" of the book.
"""

from functools import cache
from pathlib import Path

import numpy as np

from ._check import array, broadcast, choice, generator, integer

PHOTOGRAPHS = ("astronaut", "camera", "chelsea", "china", "coffee", "flower", "rocket")
HELD_OUT = ("coffee", "flower")  # never in the split "train"
SPLITS = {
    "all": PHOTOGRAPHS,
    "train": tuple(name for name in PHOTOGRAPHS if name not in HELD_OUT),
    "test": HELD_OUT,
}
GREY = np.array([0.299, 0.587, 0.114])
SUFFIXES = (".png", ".jpg", ".jpeg", ".bmp", ".tif", ".tiff", ".webp")


@cache
def photograph(name):
    """One of the bundled photographs in grey, shape (height, width), from 0 to 1.

    Parameters
    ----------
    name : str
        One of `PHOTOGRAPHS`.
    """
    choice("name", name, PHOTOGRAPHS)
    if name in ("china", "flower"):
        from sklearn.datasets import load_sample_image

        pixels = load_sample_image(f"{name}.jpg")
    else:
        import skimage.data

        pixels = getattr(skimage.data, name)()
    grey = pixels / 255.0 if pixels.ndim == 2 else pixels[..., :3] @ GREY / 255.0
    grey.setflags(write=False)
    return grey


def natural_patches(
    size=8, *, per_photograph=3000, split="all", remove_mean=True, normalise_contrast=False, rng=0
):
    """Square patches from photographs, at random places.

    Parameters
    ----------
    size : int
        Side of a patch in pixels.
    per_photograph : int
        Patches from each photograph.
    split : {"all", "train", "test"}
        Which photographs. The split is by photograph, because patches overlap.
    remove_mean : bool
        Subtract from each patch its own mean brightness, which otherwise is nearly all of the
        variance. One mode, the constant one, then has variance 0.
    normalise_contrast : bool
        Divide each patch by its standard deviation and leave out patches with one below 0.02.
        Only with `remove_mean`.
    rng : int or numpy.random.Generator
        Seed of the places.

    Returns
    -------
    ndarray, shape (N, size * size)
        Grey values, rows of a patch one after the other. N is the number of photographs times
        `per_photograph`, less what `normalise_contrast` leaves out.

    Examples
    --------
    >>> natural_patches(8, per_photograph=10).shape
    (70, 64)
    """
    choice("split", split, tuple(SPLITS))
    shortest = min(min(photograph(name).shape) for name in SPLITS[split])
    size, per_photograph = integer("size", size), integer("per_photograph", per_photograph)
    if size > shortest:
        raise ValueError(f"size must be at most {shortest}, the shortest side, found {size}")
    if normalise_contrast and not remove_mean:
        raise ValueError("normalise_contrast needs remove_mean=True")
    rng = generator("rng", rng)
    parts = []
    for name in SPLITS[split]:
        grey = photograph(name)
        windows = np.lib.stride_tricks.sliding_window_view(grey, (size, size))
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


def gaussian(variances, n=10_000, *, mean=0.0, rng=0):
    """Gaussian samples with independent coordinates, shape (n, mode).

    Parameters
    ----------
    variances : array_like, shape (mode,)
        Not negative, in squared data units.
    n : int
        Number of samples, at least 1.
    mean : array_like, shape (mode,), or scalar
    rng : int or numpy.random.Generator
    """
    variances = array("variances", variances, low=0)
    mean = broadcast("mean", array("mean", mean), variances.size, "variances")
    noise = generator("rng", rng).standard_normal((integer("n", n), variances.size))
    return mean + np.sqrt(variances) * noise


def load_images(path, *, grey=True, size=None):
    """Images of the reader: a folder, an ``.npy`` or an ``.npz`` file. Nothing is downloaded.

    Parameters
    ----------
    path : str or Path
        A folder of images (png, jpg, bmp, tif, webp; read in the order of their names), an
        ``.npy`` array, or an ``.npz`` file with one array (or one named ``images``), of
        shape (N, height, width) or (N, height, width, 3 or 4).
    grey : bool
        Turn colour into grey.
    size : int, optional
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
    if size is not None:
        size = integer("size", size)
    if not path.exists():
        raise ValueError(f"path {str(path)!r} does not exist")
    if path.is_dir():
        images = _from_folder(path, size)
    elif size is not None:
        raise ValueError("size is for folders; an array is taken as it is")
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


def _from_folder(folder, size):
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
                if size is not None:
                    side = min(picture.size)
                    left, top = ((edge - side) // 2 for edge in picture.size)
                    picture = picture.crop((left, top, left + side, top + side))
                    picture = picture.resize((size, size), Image.Resampling.LANCZOS)
                images.append(np.asarray(picture))
        except (UnidentifiedImageError, OSError, SyntaxError) as error:
            raise ValueError(f"path: the image {file.name} cannot be read: {error}") from None
        if images[-1].shape != images[0].shape:
            raise ValueError(
                f"path: {file.name} is {images[-1].shape[:2]} pixels, {files[0].name} is"
                f" {images[0].shape[:2]}; give size= to bring all to one size"
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
