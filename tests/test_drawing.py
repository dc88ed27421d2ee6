"""What several chapters draw alike."""

import matplotlib
import numpy as np
import pytest

matplotlib.use("agg")

import matplotlib.pyplot as plt
from checks.pictures import GROUNDS, contrast
from matplotlib.colors import to_hex

from specbook.reading import draw_pictures, draw_runs, ramp, svg


@pytest.fixture
def axes():
    fig, axes = plt.subplots(1, 2)
    yield axes
    plt.close(fig)


def test_style_of_the_book():
    with plt.style.context("specbook.reading.book"):
        width = 72 * plt.rcParams["figure.figsize"][0]
        least = svg.smallest_type(width)
        assert least < plt.rcParams["font.size"] < 1.03 * least
        assert not plt.rcParams["axes.spines.top"]


@pytest.mark.parametrize("limits, ends", [
    (None, (-3, 1)), ("symmetric", (-3, 3)), (2.0, (-2, 2)),
])
def test_draw_pictures(axes, limits, ends):
    flat = np.array([1.0, 0.0, 0.5, -3.0])
    draw_pictures(axes, [flat, flat.reshape(2, 2)], limits)
    for axis in axes:
        (image,) = axis.images
        assert np.array_equal(image.get_array(), flat.reshape(2, 2))
        assert image.get_clim() == ends
        assert list(axis.get_xticks()) == list(axis.get_yticks()) == []


def test_draw_pictures_errors(axes):
    with pytest.raises(ValueError, match="pictures"):
        draw_pictures(axes, [np.ones(3), np.ones(4)])
    with pytest.raises(ValueError):
        draw_pictures(axes, [np.ones(4)])


def test_draw_runs(axes):
    x, law = np.array([1.0, 2.0, 4.0]), np.arange(1.0, 13.0).reshape(3, 4)
    runs = law * np.array([0.9, 1.1])[:, None, None]
    draw_runs(axes[0], x, law, runs, [0, 3], ["red", "blue"], goals=law[-1])
    lines = axes[0].lines
    assert len(lines) == 8  # for each mode the law, its goal, two runs
    assert np.array_equal(lines[4].get_ydata(), law[:, 3])
    assert np.array_equal(lines[7].get_ydata(), runs[1, :, 3])
    assert [text for text in axes[0].get_legend_handles_labels()[1]] == ["mode 1", "mode 4"]
    draw_runs(axes[1], x, law, runs, [2], ["red"], names=["two waves"])
    assert axes[1].get_legend_handles_labels()[1] == ["two waves"] and len(axes[1].lines) == 3
    with pytest.raises(ValueError, match="modes"):
        draw_runs(axes[0], x, law, runs, range(8), ["red"] * 8)


def test_colours_of_a_ramp_are_seen_on_white_and_on_the_dark_page():
    from specbook.reading.drawing import RAMP

    for colour in map(to_hex, [*ramp(9), *ramp(2), *RAMP]):
        assert all(contrast(colour, ground) > 3 for ground in GROUNDS.values())
    with pytest.raises(ValueError, match="count must be a whole number of at least 1"):
        ramp(0)
