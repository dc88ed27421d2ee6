"""Pictures: what is stored, what the page makes of it, and what a comparison of two sees."""

import base64
import io
import re
import xml.etree.ElementTree as ET

import matplotlib
import numpy as np
import pytest

matplotlib.use("agg")

import matplotlib.pyplot as plt
from checks import pictures
from compare import compare_image
from compare_svg import compare_svg
from PIL import Image
from sample_plot import ALT, PAGE, build_page, sample_plot, shown
from specbook_pictures import DARK, LIGHT, for_page

from specbook.reading import svg
from specbook.reading.mime import PLOT

X = np.linspace(0, 1, 100)
TAG = f"{{{svg.SVG}}}"


def drawn(change=lambda ax: None, name="fig-a", style="specbook.reading.book"):
    """A figure of two curves, some dots and a small picture, as it is stored."""
    with plt.style.context(style):
        fig, axes = plt.subplots(1, 2, layout="constrained")
        axes[0].plot(X, X**2, label="square")
        axes[0].plot(X[::10], X[::10] ** 3, "o", ms=3, label="cube")
        axes[0].set(xlabel="place", ylabel="height", ylim=(0, 1.2))
        axes[0].legend(fontsize=6)
        axes[1].imshow(np.arange(12.0).reshape(3, 4), cmap="gray")
        change(axes[0])
        return svg.draw(fig, name, "A <curve> & dots.")


@pytest.fixture(scope="module")
def stored():
    return drawn()


def compare(fresh, stored):
    return compare_svg(fresh, stored, compare_image)


# --- what is stored -------------------------------------------------------------------------


def test_a_picture_is_the_same_whenever_it_is_drawn(stored):
    assert drawn() == stored
    assert "<style" not in stored and "metadata" not in stored and "DOCTYPE" not in stored
    assert "<text" not in stored, "no fonts are needed"


def test_a_picture_says_what_it_shows(stored):
    root = ET.fromstring(stored)
    assert root.get("role") == "img" and root.get("aria-label") == "A <curve> & dots."


def test_pictures_on_one_page_do_not_share_ids(stored):
    first, second = ({e.get("id") for e in ET.fromstring(text).iter()} - {None}
                     for text in (stored, drawn(name="fig-b")))
    assert first and not first & second
    for text in (stored, drawn(name="fig-b")):
        root = ET.fromstring(text)
        ids = {e.get("id") for e in root.iter()}
        links = {e.get(svg.HREF)[1:] for e in root.iter(f"{TAG}use")}
        links |= {e.get("clip-path")[5:-1] for e in root.iter() if e.get("clip-path")}
        assert links == ids - {None}


def test_the_ground_is_white_once_and_the_ink_is_black(stored):
    root = ET.fromstring(stored)
    assert root[0].tag == f"{TAG}rect" and root[0].get("style") == "fill:#ffffff"
    assert stored.count("#ffffff") == 1
    assert "fill:#000000" in root.get("style")


def test_small_type_is_enlarged_everywhere():
    def small(ax):
        ax.tick_params(which="both", labelsize=5)
        ax.set_yscale("log")
        ax.set_ylim(0.05, 1.2)
        ax.text(0.5, 0.5, "a word", fontsize=4)
        ax.set_title("a title", fontsize=3)

    for style in ("specbook.reading.book", "default"):
        found = pictures.sizes(ET.fromstring(drawn(small, style=style)))
        assert min(found) == pytest.approx(svg.SMALLEST, abs=0.01), "and not more than needed"


def test_wide_figures_have_larger_type():
    assert svg.smallest_type(374.4) == pytest.approx(10.27, abs=0.01)
    assert svg.smallest_type(748.8) == 2 * svg.smallest_type(374.4)
    assert svg.smallest_type(100) == svg.SMALLEST * 3 / 4, "a narrow one is not stretched"


def test_heavy_parts_are_pixels_and_light_ones_lines():
    many = np.random.default_rng(0).random((2, 5000))
    text = drawn(lambda ax: ax.plot(*many, "."))
    root = ET.fromstring(text)
    assert len(list(root.iter(f"{TAG}image"))) == 2 and len(text) < 80_000
    assert len(list(root.iter(f"{TAG}use"))) < svg.POINTS
    assert "stroke:#2f72d6" in text, "the curve is a line still"
    smooth = np.linspace(0, 1, 5000)
    text = drawn(lambda ax: ax.plot(smooth, smooth**3))
    assert len(list(ET.fromstring(text).iter(f"{TAG}image"))) == 1, "few corners, if many points"


@pytest.mark.parametrize("draw", ["plot", "scatter", "errorbar"])
def test_ink_is_never_stored_as_pixels(draw):
    """The page could not give it the colour of its text."""
    many = np.random.default_rng(0).random((2, 1200))

    def dots(ax, colour):
        if draw == "plot":
            ax.plot(*many, ".", color=colour)
        elif draw == "scatter":
            ax.scatter(*many, s=2, color=colour)
        else:
            ax.errorbar(*many, 0.1, fmt="none", color=colour)

    for colour, images in (("black", 1), ("C2", 2)):
        root = ET.fromstring(drawn(lambda ax, colour=colour: dots(ax, colour)))
        assert len(list(root.iter(f"{TAG}image"))) == images, colour


def test_small_pictures_are_stored_pixel_by_pixel(stored):
    (image,) = ET.fromstring(stored).iter(f"{TAG}image")
    png = Image.open(io.BytesIO(base64.b64decode(image.get(svg.HREF).removeprefix(svg.PNG))))
    assert png.size == (4, 3) and png.mode == "L"
    assert np.abs(np.asarray(png) - np.arange(12.0).reshape(3, 4) * 255 / 11).max() <= 1


def test_a_picture_that_stays_large_is_refused():
    def wide(ax):
        noise = np.random.default_rng(0).random((120, 120, 3))
        for place in (0, 0.3, 0.6):
            ax.inset_axes([place, 0, 0.3, 1]).imshow(noise)

    with pytest.raises(ValueError, match="fig fig-a takes .* kB, more than 150"):
        drawn(wide)


# --- what a comparison sees -----------------------------------------------------------------


def test_rounding_is_not_seen(stored):
    assert compare(drawn(lambda ax: ax.lines[0].set_ydata(X**2 * (1 + 1e-6))), stored) == []
    assert compare(stored.replace('width="', 'width="', 1), stored) == []


@pytest.mark.parametrize("change", [
    lambda ax: ax.lines[0].set_ydata(X**2 + 1e-3),
    lambda ax: ax.lines[0].set_ydata(np.where(X == X[50], 0.3, X**2)),
    lambda ax: ax.lines[0].set_data(X[:-1], X[:-1] ** 2),
    lambda ax: ax.lines[1].set_ydata(X[::10] ** 3 + 1e-3),
    lambda ax: ax.lines[0].set_color("C2"),
    lambda ax: ax.lines[0].set_linewidth(1.6),
    lambda ax: ax.lines[0].set_linestyle("--"),
    lambda ax: ax.lines[1].set_marker("s"),
    lambda ax: ax.set_xlabel("plaza"),
    lambda ax: ax.set_ylim(0, 1.3),
    lambda ax: ax.axhline(0.5),
], ids=["moved", "spike", "shorter", "dots", "colour", "width", "dashes", "marker", "word", "scale",
        "line"])
def test_a_change_is_seen(stored, change):
    assert compare(drawn(change), stored)


def test_other_pixels_are_seen(stored):
    def pixel(ax):
        ax.figure.axes[1].images[0].set_data(np.arange(12.0).reshape(3, 4)[::-1])

    (message,) = compare(drawn(pixel), stored)
    assert "the picture differs: rms" in message


def test_a_curve_may_have_other_corners_but_not_other_places():
    curve = '<svg xmlns="http://www.w3.org/2000/svg"><path d="{}" /></svg>'
    stored = curve.format("M0 0L10 10L20 20L30 10")
    assert compare(curve.format("M0 0L20 20L25.01 15.01L30 10"), stored) == []
    for path in ("M0 0L20 20L25 15", "M0 0L20 20L25 16L30 10", "M0 0L10 10M20 20L30 10", ""):
        assert compare(curve.format(path), stored), path
    assert compare("<svg", stored)


# --- what the page makes of it --------------------------------------------------------------


def test_the_page_has_ink_of_its_own_and_no_ground(stored):
    made = for_page(stored)
    root = ET.fromstring(made)
    assert root[0].tag == f"{TAG}style" and "prefers-color-scheme:dark" in root[0].text
    assert not list(root.iter(f"{TAG}rect"))[0].get("width") == "100%"
    body = made.replace(root[0].text, "")
    assert "#000000" not in body and "#ffffff" not in body and "fill:var(--ink)" in body
    assert body.count("#2f72d6") == stored.count("#2f72d6"), "lines keep their colours"
    assert float(root.get("width")[:-2]) == pytest.approx(1.15 * 374.4, abs=0.01)
    assert root.get("viewBox").startswith("0 0 374.4 "), "nothing but its size is another"
    for colours in (LIGHT, DARK):
        assert colours["paper"] in pictures.GROUNDS.values()
        assert pictures.contrast(colours["ink"], colours["paper"]) > 10


def test_words_in_an_alt_text_are_no_colours():
    text = '<svg xmlns="http://www.w3.org/2000/svg" aria-label="Black is #000000." style="fill:' \
        '#000000"><rect width="100%" height="100%" style="fill:#ffffff" /></svg>'
    assert 'aria-label="Black is #000000."' in for_page(text)


def test_the_built_page_shows_the_variant(tmp_path):
    built = build_page(tmp_path, shown(sample_plot())[0])
    assert built.warnings == ""
    page = built.read(PAGE)
    (source,) = re.findall(r'<img [^>]*src="([^"]*\.svg)"', page)
    assert source.endswith("-page.svg") and f'alt="{ALT}"' in page
    assert 'class="dark-light"' in page, "the theme leaves it as it is in dark mode"
    made = ((built.html / PAGE).parent / source).resolve().read_text(encoding="utf-8")
    assert "var(--ink)" in made and "#000000" not in made


# --- what the check of stored pictures sees ---------------------------------------------------


def test_contrast():
    assert pictures.contrast("#000000", "#ffffff") == pytest.approx(21)
    assert pictures.contrast("#777777", "#ffffff") == pytest.approx(4.48, abs=0.01)
    assert pictures.contrast("#000000", "#ffffff", 0.5) == pytest.approx(3.98, abs=0.05)


@pytest.mark.parametrize("message, change", [
    ("line of colour #ffff00", lambda ax: ax.axhline(0.5, color="#ffff00")),
    ("line of colour #2f72d6 with opacity 0.4", lambda ax: ax.lines[0].set_alpha(0.4)),
    ("marker of colour #101010", lambda ax: ax.lines[1].set_color("#101010")),
    ("marker of colour #ffff00", lambda ax: ax.scatter([0.1, 0.2], [0.1, 0.2], c="#ffff00")),
    ("area of colour #eeeeee", lambda ax: ax.axvspan(0, 0.5, fc="#eeeeee")),
    ("type of colour #808080", lambda ax: ax.text(0.5, 0.5, "grey", color="0.5")),
    ("line of colour #b0b0b0", lambda ax: ax.grid()),
])
def test_what_is_faint_is_found(message, change):
    assert any(message in problem for problem in pictures.problems_of(drawn(change)))


@pytest.mark.parametrize("message, change", [
    ("without a colour", lambda trace: trace.pop("line")),
    ("#00cc96, too faint on white", lambda trace: trace["line"].update(color="#00cc96")),
    ("#333399, too faint on the dark", lambda trace: trace.update(marker={"color": "#333399"})),
    ("'C0': write #rrggbb", lambda trace: trace["line"].update(color="C0")),
])
def test_what_is_faint_in_a_plot_is_found(message, change):
    plot = shown(sample_plot())[0][PLOT]
    assert list(pictures.problems_of_plot(plot)) == []
    change(plot["data"][1])
    assert any(message in problem for problem in pictures.problems_of_plot(plot))


def test_what_is_seen_or_exempt_is_left_alone(stored):
    assert list(pictures.problems_of(stored)) == []

    def exempt(ax):
        ax.axvspan(0, 0.5, fc=("0.5", 0.1), ec="0.5")
        ax.plot(X[::10], X[::10], "o", mfc="white", mec="black")

    assert list(pictures.problems_of(drawn(exempt))) == []


def test_the_default_colours_are_seen():
    def all_of_them(ax):
        for i in range(10):
            ax.plot(X, X * i / 10)

    assert list(pictures.problems_of(drawn(all_of_them))) == []


def test_small_type_is_found(stored):
    (problem,) = pictures.problems_of(stored.replace("scale(0.104 -0.104)", "scale(0.09 -0.09)"))
    assert "type of 7.9 pixels on a phone" in problem
