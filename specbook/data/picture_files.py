"""Pictures from files that Pillow reads."""

import warnings

import numpy as np

from .._needs import need
from .photographs import GREY
from .picture_arrays import unit

SUFFIXES = (".png", ".jpg", ".jpeg", ".bmp", ".tif", ".tiff", ".webp", ".ppm", ".pgm")
NAMED = 3  # unreadable files that the warning names


def read_all(files, grey, size, ground, errors):
    """Pictures of files; arguments as for `load_images`.

    A bar shows the progress if it takes more than two seconds, in a terminal.

    Returns
    -------
    ndarray, shape (N, height, width) or (N, height, width, 3)
        From 0 to 1.
    """
    need("specbook.data.load_images", "pictures", "PIL", "tqdm")
    from tqdm import tqdm

    images, first, lost = None, None, []
    for file in tqdm(files, unit="image", delay=2, leave=False, disable=None):
        try:
            image = read(file, size, ground)
        except Exception as error:  # broken files raise many kinds
            lost.append(f"{file.name} cannot be read: {error}")
            if errors == "raise":
                raise ValueError(f"path: the image {lost[0]}") from None
            continue
        image = image @ GREY if grey else image
        if images is None:
            first, images, count = file, np.empty((len(files), *image.shape)), 0
        if image.shape != images.shape[1:]:
            raise ValueError(
                f"path: {file.name} is {image.shape[:2]} pixels, {first.name} is"
                f" {images.shape[1:3]}; give side= or size= to bring all to one size"
            )
        images[count] = image
        count += 1
    if lost:
        named = "; ".join(lost[:NAMED]) + ("; ..." if len(lost) > NAMED else "")
        if images is None:
            raise ValueError(f"path: none of {len(lost)} images can be read: {named}")
        warnings.warn(
            f"path: {len(lost)} of {len(files)} images are left out: {named}", stacklevel=3
        )
    return images[:count]


def read(file, size, ground):
    """One picture, shape (height, width, 3), from 0 to 1."""
    from PIL import Image, ImageOps

    with Image.open(file) as opened:
        kind, picture = opened.format, ImageOps.exif_transpose(opened)
    if picture.mode[0] in "IF":  # more than 8 bits: converting would cut off bright values
        return _deep(picture, kind, size)
    if picture.mode in ("RGBA", "LA", "PA", "RGBa", "La") or "transparency" in picture.info:
        behind = Image.new("RGBA", picture.size, (round(255 * ground),) * 3)
        picture = Image.alpha_composite(behind, picture.convert("RGBA"))
    return unit("it", np.asarray(_fitted(picture.convert("RGB"), size)))


def _deep(picture, kind, size):
    """A grey picture of 16-bit integers or of floats."""
    from PIL import Image

    if picture.mode == "I" and kind not in ("PNG", "PPM"):  # those two say 32 and mean 16 bits
        raise ValueError("it holds 32-bit integers, whose white is not known: store uint16")
    pixels, white = np.asarray(picture), 1 if picture.mode == "F" else 65535
    if picture.mode == "F":
        unit("it", pixels)
    picture = Image.fromarray(pixels.astype(np.float32))
    grey = np.asarray(_fitted(picture, size), dtype=np.float64) / white
    return np.repeat(grey.clip(0, 1)[..., None], 3, axis=2)


def _fitted(picture, size):
    """The largest central rectangle of this aspect, scaled to `size`."""
    from PIL import Image

    if size is None:
        return picture
    (width, height), (tall, wide) = picture.size, size
    cut = (width, max(1, width * tall // wide))
    if width * tall > height * wide:
        cut = (max(1, height * wide // tall), height)
    left, top = ((edge - kept) // 2 for edge, kept in zip(picture.size, cut, strict=True))
    picture = picture.crop((left, top, left + cut[0], top + cut[1]))
    return picture.resize((wide, tall), Image.Resampling.LANCZOS)
