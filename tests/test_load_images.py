"""Images of the reader: which files are read, how, and what is refused."""

import warnings

import numpy as np
import pytest
from PIL import Image

from specbook.data import load_images

RNG = np.random.default_rng(0)
PIXELS = RNG.integers(0, 256, (4, 6, 9, 3), dtype=np.uint8)


def save(file, pixels, **options):
    file.parent.mkdir(parents=True, exist_ok=True)
    Image.fromarray(pixels).save(file, **options)
    return file


def colours(files, **arguments):
    return load_images(files, grey=False, **arguments)


def as_rows(pixels):
    return pixels.reshape(len(pixels), -1) / 255


@pytest.fixture
def classes(tmp_path):
    """A folder as torchvision's ImageFolder has it, with what must not be read."""
    root = tmp_path / "faces"
    for k, name in enumerate(("a/2.png", "b/1.png", "b/deep/0.PNG", "top.png")):
        save(root / name, PIXELS[k])
    (root / "a" / "notes.txt").write_text("not an image")
    (root / "b" / "._1.png").write_bytes(b"what macOS leaves in archives")
    (root / "folder.png").mkdir()
    return root


# --- which files ------------------------------------------------------------------------------


def test_subfolders_in_the_order_of_their_paths(classes):
    assert np.array_equal(colours(classes), as_rows(PIXELS))


def test_patterns_lists_and_single_files(classes):
    expected = as_rows(PIXELS)
    assert np.array_equal(colours(f"{classes}/*/*.png"), expected[:2])
    assert np.array_equal(colours(str(classes / "**" / "*.PNG")), expected[2:3])
    assert np.array_equal(colours(f"{classes}/a/*"), expected[:1])  # not the text
    assert np.array_equal(colours(classes / "top.png"), expected[3:])
    turned = [classes / "top.png", str(classes / "a"), f"{classes}/b/*.png"]
    assert np.array_equal(colours(turned), expected[[3, 0, 1]])
    assert np.array_equal(colours(file for file in turned), expected[[3, 0, 1]])
    odd = save(classes / "x[1].png", PIXELS[0])  # a file of this name, and no pattern
    assert np.array_equal(colours(odd), expected[:1])


@pytest.mark.parametrize(
    ("path", "says"),
    [
        ("", "empty"), ("nothing.png", "does not exist"), ([], "empty"),
        ("*.none", "no image matches"), (5, "path"), ([None], "path"), (b"name", "path"),
        ("x" * 5000, "path"), ("~nobody-has-this-name/x", "path"), ("a\0b", "null|exist"),
    ],
)
def test_paths_that_mean_nothing(path, says, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    save(tmp_path / "one.jpg", PIXELS[0])
    with pytest.raises(ValueError, match=says):
        load_images(path)


def test_arrays_and_pictures_do_not_mix(tmp_path):
    picture = save(tmp_path / "a.png", PIXELS[0])
    np.save(tmp_path / "a.npy", PIXELS)
    assert colours([tmp_path / "a.npy"]).shape == (4, 162)
    for path, arguments, says in (
        ([picture, tmp_path / "a.npy"], {}, "is an array"),
        (picture, {"layout": "channels_last"}, "layout is for arrays"),
        (tmp_path / "a.npy", {"size": (2, 2)}, "size is for picture files"),
    ):
        with pytest.raises(ValueError, match=says):
            load_images(path, **arguments)


# --- one picture ------------------------------------------------------------------------------


@pytest.mark.parametrize("tag", range(1, 9))
def test_exif_orientation(tag, tmp_path):
    """The eight orientations, undone by NumPy."""
    upright = PIXELS[0]
    flipped = upright[:, ::-1] if tag in (2, 4, 5, 7) else upright
    turns = {1: 0, 2: 0, 3: 2, 4: 2, 5: 1, 6: 1, 7: 3, 8: 3}[tag]
    exif = Image.Exif()
    exif[0x0112] = tag
    file = save(tmp_path / "phone.png", np.ascontiguousarray(np.rot90(flipped, turns)), exif=exif)
    assert np.array_equal(colours(file), as_rows(upright[None]))


def test_transparency_shows_the_ground(tmp_path):
    alpha = np.broadcast_to(np.uint8([0, 51, 255] * 3)[None, :, None], (6, 9, 1))
    file = save(tmp_path / "rgba.png", np.concatenate([PIXELS[0], alpha], axis=2))
    for given, ground in (({}, 1.0), ({"ground": 0.25}, 0.25)):
        wanted = PIXELS[0] / 255 * (alpha / 255) + ground * (1 - alpha / 255)
        found = colours(file, **given).reshape(6, 9, 3)
        assert found == pytest.approx(wanted, abs=1.01 / 255)
        np.save(tmp_path / "rgba.npy", np.asarray(Image.open(file))[None])
        exact = colours(tmp_path / "rgba.npy", **given).reshape(6, 9, 3)
        assert exact == pytest.approx(wanted, abs=1e-12)
    palette = Image.new("P", (2, 1))
    palette.putpalette([0, 0, 0, 255, 0, 0])
    palette.putpixel((1, 0), 1)
    palette.save(tmp_path / "p.png", transparency=0)
    assert colours(tmp_path / "p.png").tolist() == [[1, 1, 1, 1, 0, 0]]
    grey = save(tmp_path / "la.png", np.dstack([np.zeros((2, 2), np.uint8)] * 2))
    assert load_images(grey, ground=0.0).tolist() == [[0.0] * 4]
    assert load_images(grey) == pytest.approx(np.ones((1, 4)))


@pytest.mark.parametrize("name", ["deep.png", "deep.tif", "deep.pgm"])
def test_sixteen_bits(name, tmp_path):
    deep = RNG.integers(0, 65536, (8, 8), dtype=np.uint16)
    deep[0, :2] = 0, 65535
    file = save(tmp_path / name, deep)
    assert load_images(file) == pytest.approx(deep.reshape(1, -1) / 65535, abs=1e-12)
    assert np.array_equal(colours(file)[:, ::3], colours(file)[:, 1::3])
    shallow = save(tmp_path / "shallow.png", (deep // 256).astype(np.uint8))
    small = load_images(file, side=3)
    assert small == pytest.approx(load_images(shallow, side=3), abs=2 / 255)
    assert small.min() >= 0 and small.max() <= 1


def test_floats_and_long_integers_in_files(tmp_path):
    kept = save(tmp_path / "f.tif", RNG.random((4, 4), dtype=np.float32))
    assert load_images(kept)[0] == pytest.approx(np.asarray(Image.open(kept)).ravel())
    for pixels, says in (
        (np.full((4, 4), 200, np.float32), r"f\.tif .* from 200 to 200"),
        (np.full((4, 4), 70_000, np.int32), "32-bit"),
    ):
        with pytest.raises(ValueError, match=says):
            load_images(save(kept, pixels))


def test_sizes(tmp_path):
    file = save(tmp_path / "wide.png", np.repeat(np.repeat(PIXELS[0], 4, 0), 4, 1))  # 24 x 36
    assert np.array_equal(load_images(file, side=5), load_images(file, size=(5, 5)))
    assert load_images(file, size=(2, 7)).shape == (1, 14)
    strip = np.zeros((10, 30), np.uint8)
    strip[:, 10:20] = 255
    file = save(tmp_path / "strip.png", strip)
    assert load_images(file, side=4) == pytest.approx(np.ones((1, 16)))  # the central square
    assert load_images(file, size=(2, 1)) == pytest.approx(np.ones((1, 2)))
    third = load_images(file, size=(1, 3))  # all of it
    assert third[0, 1] > 0.8 and third[0, [0, 2]].max() < 0.1
    assert load_images(file, size=(1, 100)).shape == load_images(file, size=(100, 1)).shape
    for arguments in (
        {"size": 4}, {"size": (4,)}, {"size": (0, 4)}, {"size": (4, 2.5)}, {"size": "ab"},
        {"size": (4, 4), "side": 4}, {"size": [[1], [2, 3]]}, {"size": np.nan},
    ):
        with pytest.raises(ValueError, match="size"):
            load_images(file, **arguments)


@pytest.mark.parametrize("grey", [True, False])
def test_range(grey, classes):
    plain = load_images(classes, grey=grey)
    assert np.allclose(load_images(classes, grey=grey, range=(-1, 1)), 2 * plain - 1)
    for wrong in ((1, -1), (0, 0), 1, (0, 1, 2), (0, np.inf), None, "ab", [[0, 1]]):
        with pytest.raises(ValueError, match="range"):
            load_images(classes, range=wrong)


@pytest.mark.parametrize("arguments", [
    {"ground": 1.5}, {"ground": -1}, {"ground": "white"}, {"errors": "ignore"}, {"errors": None},
])
def test_other_arguments(arguments, classes):
    with pytest.raises(ValueError, match=next(iter(arguments))):
        load_images(classes, **arguments)


# --- broken files -----------------------------------------------------------------------------


def test_unreadable_files_are_counted_and_named(classes):
    whole = save(classes / "z.jpg", np.tile(PIXELS[0], (9, 9, 1))).read_bytes()
    (classes / "z.jpg").unlink()
    for k in range(5):
        (classes / "b" / f"torn{k}.jpg").write_bytes(whole[: len(whole) // 2])
    with pytest.warns(UserWarning) as said:
        found = colours(classes)
    assert np.array_equal(found, as_rows(PIXELS))
    (message,) = {str(w.message) for w in said}
    assert len(said) == 1 and said[0].filename == __file__
    assert "5 of 9" in message and "torn2.jpg" in message and "torn3" not in message
    with pytest.raises(ValueError, match=r"torn0\.jpg cannot be read"):
        load_images(classes, errors="raise")
    with pytest.raises(ValueError, match="none of 5"):
        load_images(f"{classes}/b/*.jpg")
    with warnings.catch_warnings(), pytest.raises(ValueError, match="give side="):
        warnings.simplefilter("ignore")
        save(classes / "small.png", PIXELS[0][:3])
        load_images(classes)


@pytest.mark.parametrize("content", [b"", b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff\xe0" * 9, b"II*\0"])
def test_rubbish(content, tmp_path):
    for ending in ("png", "tif", "jpg"):
        (tmp_path / f"x.{ending}").write_bytes(content)
    with pytest.raises(ValueError, match="none of 3"):
        load_images(tmp_path)
