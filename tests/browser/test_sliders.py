"""An interactive figure of a small book, read from files: keyboard, phone, dark, no scripts."""

import re
import time

import pytest
from axe_playwright_python.sync_playwright import Axe
from conftest import ROOT, SLOWEST, hosts, new_page, set_scheme, settle
from sample_plot import ALT, PAGE, TIMES, X, build_page, sample_plot, shown


@pytest.fixture(scope="module")
def address(tmp_path_factory):
    """The page with the figure, in the theme of the book."""
    built = build_page(
        tmp_path_factory.mktemp("sliders"), shown(sample_plot())[0], "specbook_page",
        html_theme="sphinx_book_theme", html_static_path=[str(ROOT / "book" / "_static")],
        html_css_files=["custom.css"], html_context={"default_mode": "auto"},
    )
    assert built.warnings == ""
    return (built.html / PAGE).as_uri()


def reach(page):
    """Point at the picture: the plot comes in its place."""
    page.locator(".interactive-stage").hover()
    page.locator(".interactive-stage.drawn").wait_for()


def loaded(page):
    return [address for address in page.asked if "plotly-basic" in address]


def heights(page):
    """What the points of each shown curve stand for, from where they are drawn (range 0 to 50)."""
    drawn = page.evaluate(
        """() => {
          const plot = document.querySelector('.interactive-plot'), axis = plot?._fullLayout?.yaxis;
          if (!axis) return [];
          return [...plot.querySelectorAll('.scatterlayer .trace')].map(
            trace => [...trace.querySelectorAll('.points path')].map(point => {
              const [, y] = point.getAttribute('transform').match(/,([^)]*)/);
              return axis.p2l(Number(y));
            })).filter(trace => trace.length);
        }"""
    )
    return [[round(y, 1) for y in curve] for curve in drawn]


def curve(at, power):
    return [[round(float(at * x**power), 1) for x in X]]


def expect(page, curves):
    """The plot comes to show these curves, and stays there."""
    end = time.monotonic() + SLOWEST / 1000
    while (found := heights(page)) != curves and time.monotonic() < end:
        settle(page)
    settle(page)
    assert found == heights(page) == curves


def test_slider_and_menu_change_the_curve(chromium, address):
    with new_page(chromium, address) as page:
        slider, menu = page.get_by_label("time τ"), page.get_by_role("combobox", name="power")
        reach(page)
        expect(page, curve(TIMES[1], 1))
        assert slider.input_value() == "1" and slider.get_attribute("aria-valuetext") == "2"
        slider.fill("2")
        expect(page, curve(TIMES[2], 1))
        menu.select_option(label="2")
        expect(page, curve(TIMES[2], 2))  # the slider stays where it is
        slider.fill("0")
        expect(page, curve(TIMES[0], 2))  # and moves the curve that is shown
        menu.select_option(label="1")
        expect(page, curve(TIMES[0], 1))
        assert slider.get_attribute("aria-valuetext") == "1"
        assert page.locator(".interactive-slider output").inner_text() == "1"
        assert page.errors == [] and hosts(page) <= {""}


def test_plotly_waits_until_the_figure_is_reached_for_and_nothing_moves(chromium, address):
    places = "() => [...document.querySelectorAll('figure *, h1')].filter(" \
        "part => !part.closest('.interactive-plot') && part.getClientRects().length).map(" \
        "part => JSON.stringify(part.getBoundingClientRect()))"
    for reach_for in (
        reach,
        lambda page: page.get_by_label("time τ").hover(),
        lambda page: page.get_by_label("time τ").focus(),
        lambda page: page.get_by_label("time τ").fill("2"),
    ):
        with new_page(chromium, address) as page:
            page.wait_for_load_state("networkidle")
            page.mouse.move(1, 1)
            settle(page)
            image = page.locator("figure#fig-plot img")
            assert loaded(page) == [] and image.is_visible()
            assert page.get_by_label("time τ").is_visible()
            assert page.get_by_role("combobox", name="power").is_visible()
            before = page.evaluate(places)
            reach_for(page)
            page.locator(".interactive-stage.drawn").wait_for()
            at = TIMES[int(page.get_by_label("time τ").input_value())]
            expect(page, curve(at, 1))
            assert page.evaluate(places) == before and not image.is_visible()
            box, stage = (page.locator(f".interactive-{part}").bounding_box()
                          for part in ("plot", "stage"))
            assert box == stage, "the plot has the place of the picture"
            assert len(loaded(page)) == 1 and page.errors == [] and hosts(page) <= {""}


def test_a_quick_hand_arrives_where_it_stops(chromium, address):
    with new_page(chromium, address) as page:
        page.evaluate(
            """() => {
              const slider = document.querySelector('.interactive-slider input');
              for (let i = 0; i < 60; i++) {
                slider.value = i % 3;
                slider.dispatchEvent(new Event('input'));
              }
            }"""
        )
        expect(page, curve(TIMES[2], 1))
        assert page.errors == []


def test_by_the_keyboard(chromium, address):
    with new_page(chromium, address) as page:
        page.get_by_role("combobox", name="power").focus()
        page.keyboard.press("ArrowDown")
        expect(page, curve(TIMES[1], 2))
        page.keyboard.press("Tab")
        focused = "document.activeElement.type"
        assert page.evaluate(focused) == "range"
        page.keyboard.press("ArrowRight")
        expect(page, curve(TIMES[2], 2))
        page.keyboard.press("Home")
        expect(page, curve(TIMES[0], 2))


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_on_a_phone(chromium, address, scheme):
    phone = {"width": 360, "has_touch": True, "is_mobile": True, "color_scheme": scheme}
    with new_page(chromium, address, **phone) as page:
        assert page.evaluate("document.documentElement.scrollWidth") <= 360
        slider, menu = page.get_by_label("time τ"), page.get_by_role("combobox", name="power")
        stage, image = (page.locator(f".interactive-stage{part}") for part in ("", " img"))
        box = stage.bounding_box()
        assert box["height"] == pytest.approx(image.bounding_box()["height"], abs=1), "blank strips"
        stage.tap()
        page.locator(".interactive-stage.drawn").wait_for()
        assert stage.bounding_box() == box, "something moved"
        for control in (slider, menu):
            box = control.bounding_box()
            assert box["height"] >= 24 and box["x"] >= 0 and box["x"] + box["width"] <= 360
        assert slider.bounding_box()["width"] > 250
        plot = page.locator(".interactive-plot")
        ink = "getComputedStyle(document.body).color"
        title = plot.locator(".xtitle").evaluate("title => getComputedStyle(title).fill")
        assert title == page.evaluate(ink), "words have the colour of the page's text"
        assert plot.evaluate("plot => plot._fullLayout.dragmode") is False, "a swipe scrolls"
        box = slider.bounding_box()
        page.touchscreen.tap(box["x"] + box["width"] - 4, box["y"] + box["height"] / 2)
        expect(page, curve(TIMES[2], 1))
        words = plot.locator("text").evaluate_all(
            "all => all.map(t => t.getBoundingClientRect().right)"
        )
        assert words and max(words) <= 360


def test_a_window_that_gets_narrow(chromium, address):
    with new_page(chromium, address) as page:
        reach(page)
        wide = page.locator(".interactive-plot").bounding_box()
        page.set_viewport_size({"width": 360, "height": 900})
        page.wait_for_function("document.querySelector('svg.main-svg').clientWidth < 360")
        settle(page)
        narrow = page.locator(".interactive-plot").bounding_box()
        assert narrow["width"] < 360 < wide["width"] and narrow["height"] < wide["height"]
        assert page.locator(".interactive-plot svg.main-svg").first.bounding_box()["width"] < 360
        expect(page, curve(TIMES[1], 1))


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing(chromium, address, scheme):
    with new_page(chromium, address, color_scheme=scheme) as page:
        assert page.evaluate("document.documentElement.dataset.theme") == scheme
        further = {
            name: {"enabled": True} for name in ("label-content-name-mismatch", "target-size")
        }
        for come in (settle, reach):
            come(page)
            found = Axe().run(page, context="figure", options={"rules": further}).response
            assert found["violations"] == []
            assert page.get_by_role("img", name=ALT).count() == 1, (
                "picture and plot have the same words, and only one of them is there"
            )
        assert page.locator(".interactive-plot[role=img]").count() == 1


def test_a_plot_follows_the_light(chromium, address):
    with new_page(chromium, address, color_scheme="light") as page:
        reach(page)
        colours = []
        for scheme in ("light", "dark", "light"):
            set_scheme(page, scheme)
            page.wait_for_function(
                "getComputedStyle(document.querySelector('.interactive-plot .xtitle')).fill"
                " === getComputedStyle(document.body).color"
            )
            black = page.locator(".interactive-plot .js-line").first
            ink = page.evaluate("getComputedStyle(document.body).color")
            page.wait_for_function(
                "([line, ink]) => getComputedStyle(line).stroke === ink",
                arg=[black.element_handle(), ink],
            )
            colours.append(ink)
        assert colours[0] == colours[2] != colours[1]
        assert page.errors == []


def test_without_scripts_the_picture_is_there(chromium, address):
    context = chromium.new_context(java_script_enabled=False, color_scheme="light")
    page = context.new_page()
    page.goto(address)
    image = page.locator("figure#fig-plot img")
    assert image.is_visible() and image.get_attribute("alt") == ALT
    assert page.locator("figure#fig-plot figcaption").is_visible()
    assert page.locator(".interactive-plot, .interactive-controls").count() == 0
    context.close()


def test_a_script_that_fails_leaves_the_picture(chromium, address):
    context = chromium.new_context()
    page = context.new_page()
    page.route(re.compile("plotly-basic"), lambda route: route.abort())
    page.goto(address)
    settle(page)
    page.get_by_label("time τ").focus()
    page.locator(".interactive-controls").wait_for(state="detached")
    assert page.locator("figure#fig-plot img").is_visible()
    assert page.locator(".interactive-plot, .interactive-controls").count() == 0
    context.close()
