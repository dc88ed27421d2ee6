"""Every page on a touch screen of 360 px: nothing cut off, its buttons, its structure.

By its name this module comes after those that need a pointer (`conftest.phone`).
"""

from test_accessibility import STRUCTURE, THIN_OUT, barriers
from test_cells import misfits
from test_pages import noise, sideways

# Label, opacity, width and sides of each button.
SEEN = """all => all.map(button => {
  const {width, left, right} = button.getBoundingClientRect();
  return [button.dataset.label, getComputedStyle(button).opacity, width, left, right];
})"""


def test_no_sideways_scrolling(phone):
    assert sideways(phone, 360) == []


def test_equations_are_broken_and_fit(phone):
    assert misfits(phone, narrow=True) == []


def test_buttons_are_seen(phone):
    buttons = phone.eval_on_selector_all(".cite", SEEN)
    assert buttons
    for label, opacity, width, left, right in buttons:
        assert opacity == "1" and width >= 24 and 0 <= left < right <= 360, label


def test_no_barriers_in_the_structure(phone):
    phone.evaluate(THIN_OUT)
    assert barriers(phone, STRUCTURE) == []


def test_the_page_was_quiet_to_the_end(phone, site):
    assert noise(phone, site) == []
