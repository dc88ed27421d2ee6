"""Data without downloads: photographs and digits that other packages ship, Gaussians, own images.

Photographs come from scikit-image and scikit-learn; licences and attribution stand on the
page "Image credits" of the book.
"""

from functools import cache
from pathlib import Path

import numpy as np

from ._check import array, broadcast, choice, generator, integer

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
SUFFIXES = (".png", ".jpg", ".jpeg", ".bmp", ".tif", ".tiff", ".webp")


@cache
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
    choice("name", name, PHOTOGRAPHS)
    if colour and name in GREY_ONLY:
        raise ValueError(f"name {name!r} is a grey photograph: it has no colour")
    if name in ("china", "flower"):
        from sklearn.datasets import load_sample_image

        pixels = load_sample_image(f"{name}.jpg")
    else:
        import skimage.data

        pixels = getattr(skimage.data, name)()
    if colour:
        values = pixels[..., :3] / 255.0
    else:
        values = pixels / 255.0 if pixels.ndim == 2 else pixels[..., :3] @ GREY / 255.0
    values.setflags(write=False)
    return values


def natural_patches(
    size=8,
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
    size : int
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
    ndarray, shape (N, size * size) or (N, size * size * 3)
        Rows of a patch one after the other, and the three colours of a pixel side by side. N is
        the number of photographs times `per_photograph`, less what `normalise_contrast` leaves
        out.

    Examples
    --------
    >>> natural_patches(8, per_photograph=10).shape
    (70, 64)
    """
    choice("split", split, (*SPLITS, *PHOTOGRAPHS))
    names = [n for n in SPLITS.get(split, (split,)) if not (colour and n in GREY_ONLY)]
    if not names:
        raise ValueError(f"split {split!r} is a grey photograph: it has no colour")
    shortest = min(min(photograph(name).shape) for name in names)
    size, per_photograph = integer("size", size), integer("per_photograph", per_photograph)
    if size > shortest:
        raise ValueError(f"size must be at most {shortest}, the shortest side, found {size}")
    if normalise_contrast and not remove_mean:
        raise ValueError("normalise_contrast needs remove_mean=True")
    rng = generator("rng", rng)
    parts = []
    for name in names:
        windows = np.lib.stride_tricks.sliding_window_view(
            photograph(name, colour), (size, size), axis=(0, 1)
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


def gaussian(variances, n=10_000, *, mean=0.0, rng=0):
    """Gaussian samples with independent coordinates.

    Parameters
    ----------
    variances : array_like, shape (mode,)
        Not negative, in squared data units.
    n : int
        Number of samples, at least 1.
    mean : array_like, shape (mode,), or scalar
        In data units.
    rng : int or numpy.random.Generator
        Seed of the draws.

    Returns
    -------
    ndarray, shape (n, mode)
    """
    variances = array("variances", variances, low=0)
    mean = broadcast("mean", array("mean", mean), variances.size, "variances")
    noise = generator("rng", rng).standard_normal((integer("n", n), variances.size))
    return mean + np.sqrt(variances) * noise


def digits():
    """Handwritten digits of scikit-learn.

    Returns
    -------
    ndarray, shape (1797, 64)
        Pictures of 8 x 8 pixels, rows one after the other, from 0 to 1.
    """
    from sklearn.datasets import load_digits

    return load_digits().data / 16.0


def random_field(power, n=1000, *, rng=0):
    """Periodic Gaussian random fields with a given power spectrum: a control without structure.

    Parameters
    ----------
    power : array_like, shape (height, width)
        Variances of the unitary discrete Fourier transform, as `spectrum.power_spectrum` gives
        them: not negative, and equal at opposite frequencies.
    n : int
        Number of fields, at least 1.
    rng : int or numpy.random.Generator
        Seed of the draws.

    Returns
    -------
    ndarray, shape (n, height, width)
        Fields of mean 0. Statistics are the same at every pixel, so cosines and sines are the
        modes, and `power` holds their variances.
    """
    power = array("power", power, low=0, ndim=2)
    if power.ndim != 2:
        raise ValueError(f"power must have shape (height, width), found {power.shape}")
    opposite = np.roll(power[::-1, ::-1], 1, axis=(0, 1))
    if np.abs(power - opposite).max() > 1e-10 * power.max():
        raise ValueError("power must be equal at opposite frequencies, as in a real field")
    noise = generator("rng", rng).standard_normal((integer("n", n), *power.shape))
    return np.fft.ifft2(np.sqrt(power) * np.fft.fft2(noise)).real


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
