"""What was expected of a claim, and how closely, in the unit and the digits of the text."""

import math
import re

from .claims import format_number

SIGNIFICANT = 6  # digits of the form "g" without a number


def _place(x):
    """Power of ten of the first digit of `x`."""
    return math.floor(math.log10(abs(x))) if x else 0


def decimals(record):
    """Digits after the point with which the text prints the value of a claim.

    Parameters
    ----------
    record : dict
        A claim as the cell leaves it: ``value``, ``form`` and so on.

    Examples
    --------
    >>> decimals({"value": 0.0152, "form": ".3%"}), decimals({"value": 0.23, "form": ".2g"})
    (3, 2)
    """
    kind = record["form"][-1]
    digits = re.search(r"\.(\d+)", record["form"])
    if kind in "f%":
        return int(digits[1]) if digits else SIGNIFICANT
    return (int(digits[1]) if digits else SIGNIFICANT) - 1 - _place(record["value"])


def expectation(record):
    """Expected value and tolerance of a claim as two texts, like the number in the prose.

    The tolerance decides the digits, but at most one more than the text prints: what is finer is
    given as a bound.

    Parameters
    ----------
    record : dict
        A claim as the cell leaves it: ``value``, ``expected``, ``tol``, ``form``.

    Returns
    -------
    tuple of (str, str)

    Examples
    --------
    >>> expectation({"value": 1.277, "expected": 1.28998, "tol": 0.0334, "form": ".2f"})
    ('1.29', '0.03')
    >>> expectation({"value": 0.000152, "expected": 0.000152226, "tol": 1e-8, "form": ".3%"})
    ('0.0152%', '< 0.0001%')
    """
    percent = record["form"].endswith("%")
    scale, unit = (100, "%") if percent else (1, "")
    tol = record["tol"] * scale
    finest = decimals(record) + 1
    place = _place(tol)
    wanted = -place + (tol < 2 * 10.0**place)  # two digits where the first is a one
    bound = tol < 10.0**-finest
    shown = max(0, min(wanted, finest))
    expected = format_number(round(record["expected"] * scale, shown) + 0.0, f".{shown}f")
    size = f"{10.0**-finest if bound else tol:.{max(0, finest) if bound else shown}f}"
    return f"{expected}{unit}", f"{'< ' if bound else ''}{size}{unit}"
