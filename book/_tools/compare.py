"""How far a fresh output may differ from the stored one.

Each function returns a list of messages, empty if the outputs agree. Floats may differ by
rounding; integers, names and words not at all. A claim may move by a tenth of its own tolerance.
Pictures are compared line by line (`compare_svg`); what they hold as pixels as a whole and in
small blocks, so that a thin line that moves is seen.
"""

import base64
import io
import json
import math
import re

import numpy as np
from compare_svg import compare_svg

from specbook.reading.mime import CAPTION, CLAIM, PICTURE

RTOL = 1e-7  # of a printed or plotted number: the last of seven printed digits is seen
ATOL = 1e-12  # numbers this small are rounding errors
SPREAD = 1e-10  # plotted numbers: also this part of the largest one of the same array
IMAGE_RMS = 1.0  # whole picture, on the scale 0..255
BLOCK, BLOCK_RMS = 16, 5.0  # pixels; rounding gives 0, a faint dotted line moved by 2 pixels 8
NUMBER = re.compile(r"(?<![\w.])[-+−]?(?:\d+\.\d*|\.\d+|\d+)(?:[eE][-+]?\d+)?(?!\w)")
ARRAY = {"values", "sum", "sum_of_squares", "shape", "every"}  # keys of an array in a figure record
CODED = {"dtype", "bdata"}  # and of one in an interactive plot
PICTURES = {"shape", "step", "pixels", "mean", "deviation"}  # of an image in all frames of one
EMBEDDED = "data:image/png;base64,"  # such an image itself
SINGLE = 2.0**-22  # of a number that is stored as float32: its rounding may go the other way


def _float(text):
    return float(text.replace("−", "-"))


def compare_text(fresh, stored, rtol=RTOL):
    """Texts: words and integers exactly, other numbers within `rtol`, white space free."""
    new, old = NUMBER.findall(fresh), NUMBER.findall(stored)
    if NUMBER.sub("#", fresh).split() != NUMBER.sub("#", stored).split() or len(new) != len(old):
        return [f"the text differs: {fresh[:200]!r} instead of {stored[:200]!r}"]
    for a, b in zip(new, old, strict=True):
        integers = a.lstrip("+-−").isdigit() and b.lstrip("+-−").isdigit()
        close = math.isclose(_float(a), _float(b), rel_tol=rtol, abs_tol=ATOL)
        if (a != b) if integers else not close:
            return [f"the number {a} instead of {b} in {stored[:120]!r}"]
    return []


def compare_json(fresh, stored, rtol=RTOL, path=""):
    """JSON values: numbers within `rtol`, everything else exactly; arrays by rules of their own.

    Arrays are those of figure records (some numbers and sums) and of plotly (coded numbers).
    """
    if isinstance(fresh, dict) and isinstance(stored, dict):
        if fresh.keys() != stored.keys():
            return [f"{path or 'record'} has the entries {sorted(fresh)}, stored {sorted(stored)}"]
        for keys, compare in (
            (ARRAY, _compare_array), (CODED, _compare_coded), (PICTURES, _compare_pictures)
        ):
            if stored.keys() == keys:
                return compare(fresh, stored, rtol, path)
        pairs = [(fresh[key], stored[key], f"{path}.{key}") for key in stored]
    elif isinstance(fresh, list) and isinstance(stored, list):
        if len(fresh) != len(stored):
            return [f"{path} has {len(fresh)} entries, stored {len(stored)}"]
        pairs = [(a, b, f"{path}[{i}]") for i, (a, b) in enumerate(zip(fresh, stored, strict=True))]
    elif str(fresh).startswith(EMBEDDED) and str(stored).startswith(EMBEDDED):
        found = compare_image(fresh.removeprefix(EMBEDDED), stored.removeprefix(EMBEDDED))
        return [f"{path}: {message}" for message in found]
    else:
        numbers = all(
            isinstance(v, int | float) and not isinstance(v, bool) for v in (fresh, stored)
        )
        if numbers and math.isclose(fresh, stored, rel_tol=rtol, abs_tol=ATOL):
            return []
        return [] if fresh == stored else [f"{path} is {fresh!r} instead of {stored!r}"]
    return [message for a, b, at in pairs for message in compare_json(a, b, rtol, at)]


def _compare_values(a, b, rtol, path):
    """Plotted numbers: also within a small part of the largest one."""
    if a.shape != b.shape:
        return [f"{path} has {a.size} values, stored {b.size}"]
    atol = SPREAD * np.nanmax(np.abs(b), initial=0)
    near = np.isclose(a, b, rtol=rtol, atol=atol, equal_nan=True)
    if near.all():
        return []
    i = int(np.argmin(near))
    return [f"{path}: plotted value {i} is {a[i]:.9g} instead of {b[i]:.9g}"]


def _compare_array(fresh, stored, rtol, path):
    if fresh["shape"] != stored["shape"] or fresh["every"] != stored["every"]:
        return [f"{path} has shape {fresh['shape']}, stored {stored['shape']}"]
    a, b = (
        np.array([np.nan if v is None else v for v in record["values"]], float)
        for record in (fresh, stored)
    )
    messages = _compare_values(a, b, rtol, path)
    square = abs(stored["sum_of_squares"])
    size = math.prod(stored["shape"]) or 1
    spread = rtol * math.sqrt(size * square)  # bounds what the errors of all values add up to
    if not abs(fresh["sum"] - stored["sum"]) <= spread:
        messages.append(f"{path}: the sum is {fresh['sum']} instead of {stored['sum']}")
    if not abs(fresh["sum_of_squares"] - stored["sum_of_squares"]) <= 3 * rtol * square:
        messages.append(f"{path}: the sum of squares differs")
    return messages


def _compare_coded(fresh, stored, rtol, path):
    if fresh["dtype"] != stored["dtype"]:
        return [f"{path} is stored as {fresh['dtype']}, was {stored['dtype']}"]
    a, b = (
        np.frombuffer(base64.b64decode(array["bdata"]), array["dtype"]).astype(float)
        for array in (fresh, stored)
    )
    return _compare_values(a, b, max(rtol, SINGLE), path)


def _compare_pictures(fresh, stored, rtol, path):
    """Pixels may come one grey level off where rounding decides; a picture as a whole may not."""
    if (fresh["shape"], fresh["step"]) != (stored["shape"], stored["step"]):
        return [f"{path} has shape {fresh['shape']}, stored {stored['shape']}"]
    messages = []
    for key, most in (("pixels", stored["step"] + 1), ("mean", 0.1), ("deviation", 0.1)):
        off = np.abs(np.asarray(fresh[key]) - np.asarray(stored[key])).max()
        if not off <= most:
            messages.append(f"{path}: the {key} of a picture differ by {off:.3g} of 255")
    return messages


def compare_claim(fresh, stored):
    """Claims: value and expectation within a tenth of the tolerance, all else exactly.

    Text and value belong together (a consistency check), so the text may follow the value.
    """
    free = ("value", "expected", "tol", "text")
    exact = ({k: v for k, v in record.items() if k not in free} for record in (fresh, stored))
    messages = compare_json(*exact)
    for key in ("value", "expected"):
        if not abs(fresh[key] - stored[key]) <= stored["tol"] / 10:
            messages.append(f"{key} is {fresh[key]!r} instead of {stored[key]!r}")
    if not math.isclose(fresh["tol"], stored["tol"], rel_tol=0.1):
        messages.append(f"tol is {fresh['tol']!r} instead of {stored['tol']!r}")
    if fresh["says"] is not None and fresh["text"] != stored["text"]:
        messages.append(f"the claim says {fresh['text']!r} instead of {stored['text']!r}")
    return messages


def _pixels(data):
    from PIL import Image

    image = Image.open(io.BytesIO(base64.b64decode(data))).convert("RGBA")
    ground = Image.new("RGBA", image.size, "white")
    return np.asarray(Image.alpha_composite(ground, image).convert("RGB"), float)


def image_distance(fresh, stored):
    """Root-mean-square difference of two base64 pictures: whole, and in the worst block."""
    a, b = _pixels(fresh), _pixels(stored)
    if a.shape != b.shape:
        return math.inf, math.inf
    square = ((a - b) ** 2).mean(axis=2)
    padded = np.pad(square, [(0, -n % BLOCK) for n in square.shape])
    rows, columns = (n // BLOCK for n in padded.shape)
    blocks = padded.reshape(rows, BLOCK, columns, BLOCK).mean(axis=(1, 3))
    return float(np.sqrt(square.mean())), float(np.sqrt(blocks.max()))


def compare_image(fresh, stored):
    """Pictures: as a whole and block by block."""
    if fresh == stored:
        return []
    whole, block = image_distance(fresh, stored)
    if whole <= IMAGE_RMS and block <= BLOCK_RMS:
        return []
    return [f"the picture differs: rms {whole:.2f} (allowed {IMAGE_RMS}), worst block {block:.1f}"
            f" (allowed {BLOCK_RMS})"]


def compare_data(fresh, stored, rtol=RTOL):
    """Mime bundles: the same types, each compared in its own way."""
    if fresh.keys() != stored.keys():
        return [f"the output has the types {sorted(fresh)}, stored {sorted(stored)}"]
    messages = []
    for mime, old in stored.items():
        new = fresh[mime]
        if type(new) is not type(old) and not (isinstance(new, dict) and isinstance(old, dict)):
            found = [f"is of another kind: {new!r:.80}"]
        elif mime == CLAIM:
            found = compare_claim(new, old)
        elif mime == PICTURE:
            found = compare_svg(new, old, compare_image)
        elif mime == "text/plain" and CLAIM in stored:
            found = []  # made from the record; a consistency check compares the two
        elif isinstance(old, str):
            found = compare_text(new, old, rtol)
        else:
            found = compare_json(json.loads(json.dumps(new)), json.loads(json.dumps(old)), rtol)
        messages += [f"{mime}: {message}" for message in found]
    return messages


def _arranged(outputs):
    """Outputs in order; what was printed in pieces is joined, for each stream by itself.

    Captions are left out: they repeat the figure's record, and a consistency check compares them.
    """
    streams, rich = {}, []
    for output in outputs:
        if CAPTION in output.get("data", {}):
            continue
        if output["output_type"] == "stream":
            streams[output["name"]] = streams.get(output["name"], "") + output["text"]
        else:
            rich.append(output)
    return streams, rich


def compare_outputs(fresh, stored, rtol=RTOL):
    """All outputs of a cell: same number, kinds and order, each within its tolerance."""
    (new_streams, new), (old_streams, old) = _arranged(fresh), _arranged(stored)
    messages = []
    for name in sorted(new_streams.keys() | old_streams.keys()):
        found = compare_text(new_streams.get(name, ""), old_streams.get(name, ""), rtol)
        messages += [f"{name}: {message}" for message in found]
    kinds = [[output["output_type"] for output in outputs] for outputs in (new, old)]
    if kinds[0] != kinds[1]:
        return [*messages, f"the cell gives the outputs {kinds[0]}, stored are {kinds[1]}"]
    for i, (a, b) in enumerate(zip(new, old, strict=True)):
        found = compare_data(a.get("data", {}), b.get("data", {}), rtol)
        metadata = (dict(output.get("metadata", {})) for output in (a, b))
        found += compare_json(*metadata, 0, "metadata")
        messages += [f"output {i + 1}: {message}" for message in found]
    return messages
