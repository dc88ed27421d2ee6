"""The lowest versions that are allowed, as pip is told them."""

import lowest
import pytest


def test_bounds_become_versions():
    found = lowest.lowest(["numpy>=2", "a>=1.0.4,<2", "b<3,>=2.1", "c==4.11.*", "d~=1.2"])
    assert found == ["a==1.0.4", "b==2.1", "c==4.11.*", "d==1.2", "numpy==2"]


def test_a_pin_stands_instead():
    assert lowest.lowest(["torch>=2.4"], {"torch": "2.13.0"}) == ["torch==2.13.0"]


@pytest.mark.parametrize("text", ["a", "a<2", "a!=1.5"])
def test_a_range_without_a_lower_bound_is_refused(text):
    with pytest.raises(ValueError, match=text):
        lowest.lowest([text])


def test_of_this_project():
    found = dict(line.split("==") for line in lowest.main())
    pins = (lowest.ROOT / "requirements.txt").read_text()
    assert f"torch=={found['torch']}\n" in pins
    assert {"numpy", "matplotlib", "jupyter-book", "pytest"} <= found.keys()
