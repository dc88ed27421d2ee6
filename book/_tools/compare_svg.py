"""How far a fresh SVG may differ from the stored one.

Words, colours and widths of lines not at all; places by `NEAR`. A curve may have other corners, if
it runs along the same places: Matplotlib leaves out corners that nobody sees, and rounding decides
about some of them. Pictures inside are compared as pictures, by the function that is passed.
"""

import re
import xml.etree.ElementTree as ET

import numpy as np

from specbook.reading.svg import PNG

NEAR = 0.05  # points, of about 300 that axes are wide: rounding gives 0.01
EXACT = 1e-4  # of what is no place: scales and angles
TOKEN = re.compile(r"[A-Za-z]|-?\d+(?:\.\d+)?")
FUNCTION = re.compile(r"(\w+)\(([^)]*)\)")
PLACES = {"x", "y", "width", "height", "points"}


def _numbers(text):
    return [float(token) for token in TOKEN.findall(text) if not token.isalpha()]


def _near(fresh, stored, allowed):
    a, b = _numbers(fresh), _numbers(stored)
    return len(a) == len(b) and np.allclose(a, b, rtol=0, atol=allowed)


def _moved(fresh, stored):
    """Whether two transformations differ."""
    new, old = FUNCTION.findall(fresh), FUNCTION.findall(stored)
    return [f for f, _ in new] != [f for f, _ in old] or not all(
        _near(a, b, NEAR if name == "translate" else EXACT)
        for (name, a), (_, b) in zip(new, old, strict=True)
    )


def _segments(path):
    """The lines of a path, shape (segment, end, 2); a curve as the lines between its points."""
    found, begin, last, place = [], None, None, []
    for token in TOKEN.findall(path):
        if token in "zZ":
            found.append((last, begin))
            last = begin
        elif token.isalpha():
            move = token in "mM"
        else:
            place.append(float(token))
            if len(place) == 2:
                if move:
                    begin, move = place, False
                else:
                    found.append((last, place))
                last, place = place, []
    return np.array(found, float).reshape(-1, 2, 2)


def _farthest(points, lines):
    """The largest distance of any of the points from the lines."""
    start, along = lines[:, 0], lines[:, 1] - lines[:, 0]
    length = np.maximum((along**2).sum(axis=1), 1e-12)
    away = points[:, None] - start
    share = np.clip((away * along).sum(axis=2) / length, 0, 1)
    return np.sqrt(((away - share[..., None] * along) ** 2).sum(axis=2)).min(axis=1).max()


def _other_path(fresh, stored):
    """Whether two paths run along different places."""
    letters = ([t for t in TOKEN.findall(path) if t.isalpha()] for path in (fresh, stored))
    if len({"".join(found) for found in letters}) == 1 and _near(fresh, stored, NEAR):
        return False
    a, b = _segments(fresh), _segments(stored)
    if min(len(a), len(b)) == 0 or fresh.count("M") != stored.count("M"):
        return True
    return max(_farthest(a.reshape(-1, 2), b), _farthest(b.reshape(-1, 2), a)) > NEAR


def _compare_value(key, fresh, stored, compare_png):
    if fresh == stored:
        return []
    if key == "d":
        wrong = _other_path(fresh, stored)
    elif key in PLACES:
        wrong = not _near(fresh, stored, NEAR)
    elif key == "transform":
        wrong = _moved(fresh, stored)
    elif fresh.startswith(PNG) and stored.startswith(PNG):
        return compare_png(fresh.removeprefix(PNG), stored.removeprefix(PNG))
    else:
        wrong = True
    return [f"{key} is {fresh[:80]!r} instead of {stored[:80]!r}"] if wrong else []


def compare_svg(fresh, stored, compare_png):
    """Messages about what differs, empty if the two show the same."""
    if fresh == stored:
        return []
    try:
        new, old = (list(ET.fromstring(text).iter()) for text in (fresh, stored))
    except ET.ParseError as error:
        return [f"no SVG: {error}"]
    if [e.tag for e in new] != [e.tag for e in old]:
        return [f"the picture has {len(new)} parts, stored {len(old)}, or others"]
    for a, b in zip(new, old, strict=True):
        name = b.tag.rpartition("}")[2]
        if a.keys() != b.keys() or (a.text or "").strip() != (b.text or "").strip():
            return [f"a part <{name}> of the picture has other attributes"]
        for key, value in b.items():
            short = key.rpartition("}")[2]
            if found := _compare_value(short, a.get(key), value, compare_png):
                return [f"<{name}> of the picture: {message}" for message in found]
    return []
