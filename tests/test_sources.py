"""The table of sources at the end of a chapter."""

import pytest

from specbook import laws


def test_a_row_for_each_law():
    text = laws.sources("eq-gain", "eq-kl")._repr_markdown_()
    rows = text.splitlines()
    assert len(rows) == 4
    assert rows[2].startswith("| [gain after training time tau](#eq-gain) | derived again |")
    assert "Gaussian integral" in rows[3]


def test_unknown_label():
    with pytest.raises(ValueError, match="labels: there is no law eq-gian"):
        laws.sources("eq-gain", "eq-gian")
