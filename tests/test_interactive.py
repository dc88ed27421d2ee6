"""Interactive figures: what they store, what they refuse, what the checks see, the built page."""

import base64
import copy
import io
import json
import sys
import types
from unittest import mock

import numpy as np
import plotly.graph_objects as go
import pytest
from checks import figures as figure_checks
from compare import compare_data, compare_json, compare_outputs
from matplotlib import figure
from PIL import Image
from sample_plot import ALT, PAGE, TEXT, TIMES, X, build_page, sample_plot, sample_still, shown
from specbook_interactive import plots as plots_of_notebook
from tamper_text import outputs_with
from test_tampering import Book

from specbook import reading
from specbook.reading import greys, plots, plotted
from specbook.reading.mime import FIGURE, PLOT


@pytest.fixture(scope="module")
def bundle():
    return shown(sample_plot())[0]


# --- what is stored -------------------------------------------------------------------------


def test_numbers_are_stored_once_in_single_precision(bundle):
    plot = bundle[PLOT]
    assert json.loads(json.dumps(bundle)) == bundle, "plain JSON"
    assert plot["data"][0]["x"]["dtype"] == "f4"
    for frame, t in zip(plot["frames"], TIMES, strict=True):
        for trace, power in zip(frame["data"], (1, 2), strict=True):
            np.testing.assert_array_equal(plotted.decoded(trace["y"]), t * X**power)
            assert "x" not in trace
    assert "template" not in plot["layout"]


def test_a_figure_has_record_picture_and_words(bundle):
    record, metadata = bundle[FIGURE], shown(sample_plot())[1]
    assert set(bundle) == {PLOT, "image/png", FIGURE, "text/plain"}
    assert bundle["text/plain"] == f"fig-plot: {ALT}"
    assert metadata == {"image/png": {"alt": ALT}}
    assert record["controls"] == [
        {"kind": "slider", "name": "time τ", "choices": ["1", "2", "3"], "first": 1},
        {"kind": "menu", "name": "power", "choices": ["1", "2"], "first": 0},
    ]
    y = record["series"][1]["y"]
    assert y["shape"] == [4, 3], "as first shown, and three frames"
    assert y["sum"] == pytest.approx((2 + sum(TIMES)) * (X**2).sum())
    assert record["series"][1]["x"]["shape"] == [1, 3]
    (axes,) = record["axes"]
    assert axes["title"] == "time τ = 2, power = 1"
    assert axes["xscale"] == "log"
    assert [line["y"]["values"] for line in axes["lines"]] == [[2, 4, 8]], "what is visible"


def test_a_figure_of_the_promised_size_fits():
    """Sixty frames, a menu of four, sixty-three modes: at most 300 kB, about half of it."""
    x, times = np.geomspace(1e-4, 1, 63), [f"{i}" for i in range(60)]
    rng = np.random.default_rng(0)
    curves = rng.lognormal(size=(60, 4, 63))
    at_once = {"mode": "immediate", "frame": {"duration": 0, "redraw": False}}
    fig = go.Figure(
        data=[go.Scatter(x=x, y=c, name="a", visible=i == 0) for i, c in enumerate(curves[0])],
        frames=[go.Frame(name=t, data=[go.Scatter(y=c) for c in curves[i]], traces=[0, 1, 2, 3])
                for i, t in enumerate(times)],
        layout={
            "sliders": [{"name": "time", "steps": [
                {"label": t, "method": "animate", "args": [[t], at_once]} for t in times]}],
            "updatemenus": [{"name": "gain", "buttons": [
                {"label": f"{i}", "method": "restyle",
                 "args": [{"visible": [i == j for j in range(4)]}]} for i in range(4)]}],
        },
    )
    still = figure.Figure()
    still.subplots().plot(x, curves[0][0])
    bundle, _ = shown(fig, still=still)
    assert len(json.dumps(bundle)) < 200_000
    fig.add_traces([go.Scatter(x=np.arange(40_000.0), y=rng.normal(size=40_000), visible=False)])
    with pytest.raises(ValueError, match="more than 300"):
        shown(fig, still=still)


def test_a_figure_looks_like_one_in_colab(monkeypatch):
    monkeypatch.setitem(sys.modules, "google.colab", types.ModuleType("google.colab"))
    fig = sample_plot()
    with mock.patch.object(go.Figure, "show") as show_in_colab, mock.patch.object(plots, "show"):
        reading.interactive(fig, "fig-plot", still=sample_still(), **TEXT)
        assert not plots.show.called
    show_in_colab.assert_called_once_with(renderer="colab")


def test_outside_a_notebook_the_words_are_printed(capsys):
    reading.interactive(sample_plot(), "fig-plot", still=sample_still(), **TEXT)
    assert ALT in capsys.readouterr().out


# --- what is refused ------------------------------------------------------------------------


def changed(change):
    fig = sample_plot()
    change(fig)
    return fig


def slider(**parts):
    spec = sample_plot().to_dict()["layout"]["sliders"][0]
    return sample_plot(sliders=[{**spec, **parts}])


WRONG = {
    "plotly Figure, not dict": {"data": []},
    "no traces": go.Figure(),
    "no slider and no menu": sample_plot(sliders=[], updatemenus=[]),
    "slider None": slider(name=None),
    "at least two choices": slider(steps=sample_plot().layout.sliders[0].steps[:1]),
    "active": slider(active=7),
    "begins with a frame": slider(active=0),
    "no frame '9'": slider(
        steps=[{"label": t, "method": "animate", "args": [[t]]} for t in ("2", "9")], active=0
    ),
    "still lacks 'power 2'": changed(lambda fig: fig.data[1].update(visible=True)),
    "still lacks 'power 1'": changed(lambda fig: fig.data[0].update(x=[1.0, 2.0, 4.1])),
    "type 'bar'": changed(lambda fig: fig.add_bar(x=[1], y=[1])),
    "numbers": changed(lambda fig: fig.data[0].update(x=["a", "b", "c"])),
    "as many": changed(lambda fig: fig.data[0].update(x=[1, 2])),
    "float32": changed(lambda fig: fig.data[1].update(x=[1e100, 1, 2])),
    "TeX": sample_plot(xaxis_title=r"$\sigma$"),
    "title": sample_plot(title="A title"),
}


@pytest.mark.parametrize("message", WRONG)
def test_what_is_refused(message):
    with pytest.raises(ValueError, match=message):
        shown(WRONG[message])


def test_text_is_asked_for_as_of_any_figure():
    with pytest.raises(ValueError, match="name"):
        shown(sample_plot(), "plot")
    with pytest.raises(ValueError, match="alt"):
        shown(sample_plot(), alt="")
    with pytest.raises(reading.ClaimError, match="Later"):
        shown(sample_plot(), shows={"Later curves lie higher.": False})


# --- what the checks see --------------------------------------------------------------------


def moved(array, factor):
    """A stored array in which one number is another."""
    values = plotted.decoded(array)
    values[1] *= factor
    array.update(plotted.coded(values))


def plot_number(nb):
    cell, data = outputs_with(nb, PLOT)
    moved(data[PLOT]["frames"][2]["data"][1]["y"], 1.001)
    return cell.id


def plot_removed(nb):
    cell, data = outputs_with(nb, PLOT)
    del data[PLOT]
    return cell.id


def plot_frame_removed(nb):
    cell, data = outputs_with(nb, PLOT)
    del data[PLOT]["frames"][0]
    return cell.id


def plot_choice(nb):
    cell, data = outputs_with(nb, PLOT)
    data[PLOT]["layout"]["sliders"][0]["steps"][2]["label"] = "4"
    return cell.id


def plot_without_record(nb):
    cell, data = outputs_with(nb, PLOT)
    del data[FIGURE], data["image/png"]
    return cell.id


def plot_alt(nb):
    cell, data = outputs_with(nb, PLOT)
    data[FIGURE]["alt"] += " It is red."
    return cell.id


def plot_output(nb):
    cell, _ = outputs_with(nb, PLOT)
    cell.outputs = []
    return cell.id


TAMPERINGS = [plot_number, plot_removed, plot_frame_removed, plot_choice, plot_without_record,
              plot_alt, plot_output]


@pytest.fixture(scope="module")
def book():
    return Book("sample")


@pytest.mark.parametrize("tamper", TAMPERINGS, ids=lambda tamper: tamper.__name__)
def test_tampering_is_seen_without_and_by_a_fresh_run(book, tamper):
    name = "outputs" if tamper is plot_output else "figures"
    assert not book.problems(name, book.original)
    stored = copy.deepcopy(book.original)
    where = tamper(stored)
    assert any(where in problem for problem in book.problems(name, stored))
    (fresh,) = (c for c in book.original.cells if c.id == where)
    (old,) = (c for c in stored.cells if c.id == where)
    assert compare_outputs(fresh.outputs, old.outputs)


def test_the_last_bit_of_a_stored_number_may_differ(bundle):
    fresh = copy.deepcopy(bundle)
    moved(fresh[PLOT]["frames"][2]["data"][1]["y"], 1 + 2.0**-23)
    assert fresh != bundle
    assert compare_data(fresh, bundle) == []
    moved(fresh[PLOT]["frames"][2]["data"][1]["y"], 1 + 1e-6)
    (message,) = compare_data(fresh, bundle)
    assert "frames[2].data[1].y: plotted value 1" in message


def test_other_changes_of_a_plot_differ(bundle):
    plot = bundle[PLOT]
    for change in (
        lambda p: p["layout"]["sliders"][0].update(active=0),
        lambda p: p["data"][0].update(name="other"),
        lambda p: p["data"][0]["x"].update(dtype="i4"),
        lambda p: p["data"][0]["x"].update(plotted.coded([1.0, 2.0])),
        lambda p: p["frames"].pop(),
    ):
        other = copy.deepcopy(plot)
        change(other)
        assert compare_json(other, plot)
    assert not compare_json(copy.deepcopy(plot), plot)


def test_a_large_figure_is_seen(book):
    stored = copy.deepcopy(book.original)
    cell, data = outputs_with(stored, PLOT)
    data[PLOT]["layout"]["meta"] = "x" * figure_checks.LARGEST
    assert any("kB" in p and cell.id in p for p in book.problems("figures", stored))


# --- pictures -------------------------------------------------------------------------------

GREY = np.array([[0.0, 0.5, np.nan], [1.0, 2.0, -1.0]])


def place(picture, **other):
    return {"source": reading.embedded(picture), "xref": "paper", "x": 0, "y": 1, **other}


def pictured(*pictures, **layout):
    """The sample with a picture at first, and another one in each frame."""
    fig = sample_plot(images=[place(GREY)], **layout)
    for frame, picture in zip(fig.frames, pictures or (GREY, GREY / 2, GREY / 4), strict=True):
        frame.layout.images = [place(picture)]
    return fig


def pictured_still(picture=GREY):
    still = sample_still()
    still.subplots().imshow(picture, vmin=0, vmax=1)
    return still


def test_a_picture_is_stored_in_levels_of_grey_and_holes():
    (found,) = greys.pictures({"layout": {"images": [place(GREY)]}, "frames": []})
    assert found["shape"] == [1, 2, 3]
    middle = round(round(0.5 * 63) * 255 / 63)
    assert found["pixels"] == [[0, middle, greys.CLEAR, 255, 255, 0]]
    data = base64.b64decode(reading.embedded(GREY).removeprefix(greys.START))
    with Image.open(io.BytesIO(data)) as picture:
        assert picture.convert("RGBA").getpixel((2, 0))[3] == 0
        assert picture.convert("RGBA").getpixel((0, 0)) == (0, 0, 0, 255)
    for wrong in ([1.0], "grey", np.full((2, 2), np.nan), np.zeros((0, 3))):
        with pytest.raises(ValueError, match="values"):
            reading.embedded(wrong)


def test_the_record_has_the_pictures_of_all_frames():
    record = shown(pictured(), still=pictured_still())[0][FIGURE]
    (found,) = record["pictures"]
    assert found["shape"] == [4, 2, 3], "as first shown, and three frames"
    assert found["mean"][0] == found["mean"][1] > found["mean"][2]


@pytest.mark.parametrize(("message", "fig", "still"), [
    ("still lacks a picture", pictured(), sample_still),
    ("still lacks a picture", pictured(), lambda: pictured_still(GREY * 0.9)),
    ("not embedded", sample_plot(images=[{"source": "https://example.org/a.png"}]), sample_still),
    ("come, go or move", changed(
        lambda fig: fig.frames[0].layout.update(images=[place(GREY)])), sample_still),
    ("come, go or move", pictured(xaxis={"range": [0, 1]}).update(
        frames=[{"layout": {"images": [place(GREY, x=1)]}, "name": f"{t:g}"} for t in TIMES]),
     pictured_still),
])
def test_pictures_that_are_refused(message, fig, still):
    with pytest.raises(ValueError, match=message):
        shown(fig, still=still())


def test_a_picture_that_was_changed_is_seen(book):
    data = shown(pictured(), still=pictured_still())[0]
    other = copy.deepcopy(data)
    other[PLOT]["frames"][1]["layout"]["images"][0]["source"] = reading.embedded(GREY / 3)
    assert compare_data(data, data) == []
    assert any("picture" in message for message in compare_data(other, data))
    for changed_data, problem in ((data, 0), (other, 1)):
        stored = copy.deepcopy(book.original)
        cell, outputs = outputs_with(stored, PLOT)
        outputs.update(copy.deepcopy(changed_data))
        found = [p for p in book.problems("figures", stored) if "pictures of" in p]
        assert bool(found) == problem and all(cell.id in p for p in found)


def test_one_pixel_may_be_one_level_off_where_rounding_decides():
    picture = np.linspace(0, 1, 64 * 64).reshape(64, 64)
    plots_of = []
    for step in (0, 1, 4):
        moved_by = picture.copy()
        moved_by[0, 0] += step / 63
        plots_of.append({"layout": {"images": [place(moved_by)]}, "frames": []})
    stored, near, far = ([plot, greys.pictures(plot)] for plot in plots_of)
    assert stored != near and compare_json(near, stored) == []
    assert any("pixels" in message for message in compare_json(far, stored))


# --- the built page -------------------------------------------------------------------------


@pytest.fixture(scope="module")
def built(tmp_path_factory, bundle):
    bundle = copy.deepcopy(bundle)
    bundle[PLOT]["layout"]["meta"] = "</script>"  # must not end the data
    return build_page(tmp_path_factory.mktemp("interactive"), bundle)


def test_the_build_is_clean_and_only_that_page_loads_the_script(built):
    assert built.warnings == ""
    page = built.read(PAGE)
    assert 'src="../../_static/interactive.js' in page
    assert 'href="../../_static/interactive.css' in page
    assert "plotly-basic" not in page, "1.2 MB: the script loads it when it is needed"
    for other in ("start.html", "search.html", "genindex.html"):
        assert "plotly" not in built.read(other) and "interactive" not in built.read(other)


def test_the_page_has_data_picture_and_caption(built, bundle):
    page = built.read(PAGE)
    assert f'alt="{ALT}"' in page and '<figure class="align-default" id="fig-plot">' in page
    assert TEXT["caption"] in page
    _, _, rest = page.partition('data-figure="fig-plot">')
    data = json.loads(rest.partition("</script>")[0])
    assert data["frames"] == bundle[PLOT]["frames"]
    assert data["layout"]["meta"] == "</script>"


def test_other_plots_of_a_notebook_are_left_alone(bundle):
    cells = [{"outputs": [{"data": {PLOT: {}}}, {"name": "stdout"}]}, {"source": ""},
             {"outputs": [{"data": bundle}]}]
    assert plots_of_notebook({"cells": cells}) == {"fig-plot": bundle[PLOT]}
