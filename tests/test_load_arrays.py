"""Arrays of the reader: layouts, scales, and what is refused."""

import numpy as np
import pytest

from specbook.data import GREY, load_images

PIXELS = np.random.default_rng(0).integers(0, 256, (4, 6, 9, 3), dtype=np.uint8)


def colours(file, **arguments):
    return load_images(file, grey=False, **arguments)


def as_rows(pixels):
    return pixels.reshape(len(pixels), -1) / 255


def test_layouts_of_arrays(tmp_path):
    file, first = tmp_path / "x.npy", np.moveaxis(PIXELS, 3, 1)
    for pixels, layouts in (
        (PIXELS, (None, "channels_last")), (first, (None, "channels_first")),
    ):
        np.save(file, pixels)
        for layout in layouts:
            assert np.array_equal(colours(file, layout=layout), as_rows(PIXELS))
            assert load_images(file, layout=layout) == pytest.approx(
                (PIXELS / 255 @ GREY).reshape(4, -1)
            )
    for shape in ((2, 1, 5, 6), (2, 5, 6, 1), (2, 5, 6)):
        np.save(file, PIXELS.ravel()[:60].reshape(shape))
        assert np.array_equal(load_images(file), PIXELS.ravel()[:60].reshape(2, 30) / 255)
        assert np.array_equal(load_images(file), colours(file))
    for shape in ((2, 3, 3, 3), (2, 3, 5, 3), (2, 5, 5, 5), (2, 1, 1, 7), (2, 3, 3, 8)):
        np.save(file, np.zeros(shape, np.uint8))
        with pytest.raises(ValueError, match="layout must be given"):
            load_images(file)
    np.save(file, PIXELS.ravel()[:90].reshape(2, 3, 5, 3))
    last, first = colours(file, layout="channels_last"), colours(file, layout="channels_first")
    assert np.array_equal(first.reshape(2, 15, 3).swapaxes(1, 2).reshape(2, 45), last)
    for layout, says in (("NCHW", "layout"), (3, "layout"), ("channels_first", "6 channels")):
        np.save(file, PIXELS)
        with pytest.raises(ValueError, match=says):
            load_images(file, layout=layout)


@pytest.mark.parametrize(
    ("values", "says"),
    [
        (np.zeros((0, 4, 4)), "shape"), (np.zeros((3, 0, 4)), "shape"), (np.zeros(4), "shape"),
        (np.zeros((1, 1, 4, 4, 3)), "shape"), (PIXELS[0], "one colour picture"),
        (PIXELS.astype(float), "from 0 to 255"), (PIXELS / 127.5 - 1, r"\(x \+ 1\) / 2"),
        (PIXELS.astype(np.int64), "int64"), (np.full((2, 4, 4), np.nan, np.float16), "NaN"),
        (np.full((2, 4, 4), np.inf), "infinity"), (np.zeros((2, 4, 4), "M8[s]"), "real numbers"),
    ],
)
def test_arrays_that_are_refused(values, says, tmp_path):
    np.save(tmp_path / "x.npy", values)
    with pytest.raises(ValueError, match=says):
        load_images(tmp_path / "x.npy")


def test_scales_of_arrays(tmp_path):
    grey = PIXELS[..., 0]
    for values in (grey, grey.astype(np.uint16) * 257, grey / 255):
        np.savez(tmp_path / "x.npz", values)
        assert load_images(tmp_path / "x.npz") == pytest.approx(as_rows(grey), abs=1e-12)
    np.savez(tmp_path / "x.npz", np.float32(grey / grey.max()) * np.float32(1 + 2e-7))  # rounding
    assert load_images(tmp_path / "x.npz").max() == pytest.approx(1, abs=1e-6)
