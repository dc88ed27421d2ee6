"""A picture follows the theme of its page, whatever the system asks for, and fits on a phone."""

import io

import numpy as np
import pytest
from conftest import ROOT, new_page, settle
from PIL import Image
from sample_plot import PAGE, build_page, sample_plot, shown
from specbook_pictures import DARK, LIGHT

from specbook.reading import svg
from specbook.reading.mime import PLOT

OF_THE_THEME = {"ink": "--pst-color-text-base", "paper": "--pst-color-background"}


@pytest.fixture(scope="module")
def address(tmp_path_factory):
    """A page with a picture, in the theme of the book."""
    bundle = {mime: data for mime, data in shown(sample_plot())[0].items() if mime != PLOT}
    built = build_page(
        tmp_path_factory.mktemp("pictures"), bundle, "specbook_page",
        html_theme="sphinx_book_theme", html_static_path=[str(ROOT / "book" / "_static")],
        html_css_files=["custom.css"], html_context={"default_mode": "auto"},
    )
    assert built.warnings == ""
    return (built.html / PAGE).as_uri()


def rgb(colour):
    return [int(colour[i : i + 2], 16) for i in (1, 3, 5)]


def look(page):
    """The ground of the picture, at its corner, and what differs most from it: the ink."""
    settle(page)
    shot = page.locator("figure#fig-plot img").screenshot()
    pixels = np.asarray(Image.open(io.BytesIO(shot)).convert("RGB"), float)
    ground = pixels[2, 2]
    away = np.abs(pixels - ground).sum(axis=2)
    return ground, pixels[np.unravel_index(away.argmax(), away.shape)]


def to_theme(page, wanted):
    """Press the page's button until it shows the wanted theme."""
    for _ in range(3):
        if page.evaluate("document.documentElement.dataset.theme") == wanted:
            return
        page.locator("button.theme-switch-button").first.click()
    assert page.evaluate("document.documentElement.dataset.theme") == wanted


@pytest.mark.parametrize("system", ["light", "dark"])
def test_a_picture_follows_the_button_of_the_theme(chromium, address, system):
    with new_page(chromium, address, color_scheme=system) as page:
        for theme, colours in (("dark", DARK), ("light", LIGHT), ("dark", DARK)):
            to_theme(page, theme)
            for name, variable in OF_THE_THEME.items():
                found = page.evaluate(
                    "name => getComputedStyle(document.documentElement).getPropertyValue(name)",
                    variable,
                )
                wanted = colours[name]
                assert found.strip() in (wanted, wanted[:4]), f"{name} of the theme has changed"
            ground, ink = look(page)
            np.testing.assert_allclose(ground, rgb(colours["paper"]), atol=1)
            np.testing.assert_allclose(ink, rgb(colours["ink"]), atol=24)
        assert page.errors == []


def test_a_picture_is_as_wide_on_a_phone_as_its_type_needs(chromium, address):
    with new_page(chromium, address, width=360) as page:
        assert page.locator("figure#fig-plot img").bounding_box()["width"] >= svg.PHONE
