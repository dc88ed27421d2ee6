"""Claims: numbers and statements of the text, each held by evidence when the chapter runs."""

import math

from .mime import CLAIM, SETTINGS, show

KINDS = ("measured", "derived", "stated")
SMALLEST = 1e-4  # a smaller tolerance is written with a power of ten
MORE = 3  # decimals of a value beyond those of the text, at most


class ClaimError(AssertionError):
    """A claim of the text is not borne out by the run."""


def format_number(value, form):
    """Format `value` with `form`; a leading hyphen becomes the minus sign of typeset text."""
    return format(value, form).replace("-", "−")


def _tolerance(tol):
    """A positive number with two significant digits, small ones with a power of ten."""
    if tol >= 10:
        return f"{tol:.0f}"
    if tol >= SMALLEST:
        rounded = f"{tol:#.2g}"
        return f"{float(rounded):g}" if math.isclose(tol, float(rounded)) else rounded
    mantissa, exponent = f"{tol:.1e}".split("e")
    power = "10" + str(int(exponent)).translate(str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹"))
    mantissa = mantissa.removesuffix(".0")
    return power if mantissa == "1" else f"{mantissa} × {power}"


def in_words(record):
    """Value, expected value and tolerance of a claim in the unit in which the text has it.

    Percentages stay percentages, and their tolerance is in percentage points. The tolerance
    chooses the digits: at least those of the text, and at most three decimals more.

    Parameters
    ----------
    record : dict
        The machine-readable claim.

    Returns
    -------
    dict of str
        ``value``, ``expected`` and ``tol``. Of a sentence the value is "holds", and the others
        are empty.

    Examples
    --------
    >>> in_words({"says": None, "form": ".3%", "text": "0.015%", "value": 1.5222621e-4,
    ...           "expected": 1.5222622e-4, "tol": 1e-8})
    {'value': '0.015223%', 'expected': '0.015223%', 'tol': '10⁻⁶ percentage points'}
    """
    if record["says"] is not None:
        return {"value": "holds", "expected": "", "tol": ""}
    percent = record["form"].endswith("%")
    unit, sign, points = (100, "%", " percentage points") if percent else (1, "", "")
    value, expected, tol = (unit * record[key] for key in ("value", "expected", "tol"))
    digits, _, exponent = record["text"].rstrip("%").replace("−", "-").partition("e")
    least = max(0, len(digits.partition(".")[2]) - int(exponent or 0))
    shown = _tolerance(tol)
    small = tol < SMALLEST
    wanted = 1 - math.floor(math.log10(tol)) if small else len(shown.partition(".")[2])
    whole = value == int(value) and expected == int(expected)
    decimals = least if whole else max(least, min(wanted, least + MORE))
    form = f"{'+' * record['form'].startswith('+')}.{decimals}f"
    value, expected = (format_number(number, form) + sign for number in (value, expected))
    return {"value": value, "expected": expected, "tol": shown + points}


def claim_line(record):
    """The line that a plain notebook has under the cell, made from the machine-readable claim."""
    name = f"claim {record['name']} ({record['kind']})"
    if record["says"] is not None:
        return f"{name}: “{record['says']}” holds — {record['because']}"
    words = in_words(record)
    return (
        f"{name}: {record['text']}"
        f" (expected {words['expected']} ± {words['tol']}; {record['because']})"
    )


def claim(name, value, *, expected, tol, because, form=".2f", kind="measured", device="cpu"):
    """Check a number of the text against independent evidence and leave it for the reader.

    The text cites it as ``[−1.11](#claim-name)``; a test compares that with this value.

    Parameters
    ----------
    name : str
        Lower-case words joined by hyphens, unique in the book.
    value : float
        The number that the text quotes.
    expected : float
        The same number by a route that does not share the code behind `value`, under the
        same conditions (grid, modes, criterion, noise range, steps).
    tol : float
        Largest allowed absolute difference, from the error bar of `value`.
    because : str
        Where `expected` and `tol` come from.
    form : str
        Format specification with which the text prints the number.
    kind : {"measured", "derived", "stated"}
        Provenance: measured or derived here, or stated by a paper.
    device : str
        Where the number was computed, as PyTorch names it.

    Raises
    ------
    ClaimError
        If the value is not finite or differs from `expected` by more than `tol`.
    """
    value, expected, tol = float(value), float(expected), float(tol)
    if kind not in KINDS:
        raise ValueError(f"kind must be one of {', '.join(KINDS)}, not {kind!r}")
    if not 0 < tol < math.inf:
        raise ValueError(f"tol of claim {name!r} must be positive and finite, found {tol:g}")
    if not because.strip():
        raise ValueError(f"because of claim {name!r} is empty: say where expected comes from")
    if not (math.isfinite(value) and abs(value - expected) <= tol):
        raise ClaimError(
            f"claim {name!r}: the run gives {value:.6g}, expected {expected:.6g} ± {tol:.2g}"
            f" ({because}). Find out which of the two is wrong before changing either."
        )
    record = {
        "name": name, "value": value, "expected": expected, "tol": tol, "form": form,
        "text": format_number(value, form), "says": None, "because": because, "kind": kind,
        "device": device,
    }
    show({CLAIM: record, "text/plain": claim_line(record)})


def statement(name, says, condition, *, because, kind="measured", device="cpu"):
    """Check a sentence of the text and leave it for the reader.

    The text cites it as ``[coarse modes come first](#claim-name)``; a test compares the words.

    Parameters
    ----------
    name : str
        Lower-case words joined by hyphens, unique in the book.
    says : str
        The words as the text has them.
    condition : bool
        What the run found.
    because : str
        What was compared with what.
    kind : {"measured", "derived", "stated"}
        Provenance: measured or derived here, or stated by a paper.
    device : str
        Where the number was computed, as PyTorch names it.

    Raises
    ------
    ClaimError
        If `condition` is false.
    """
    if kind not in KINDS:
        raise ValueError(f"kind must be one of {', '.join(KINDS)}, not {kind!r}")
    if not bool(condition):
        raise ClaimError(f"claim {name!r}: “{says}” does not hold in this run ({because})")
    record = {
        "name": name, "value": 1.0, "expected": 1.0, "tol": 0.5, "form": "g",
        "text": says, "says": says, "because": because, "kind": kind, "device": device,
    }
    show({CLAIM: record, "text/plain": claim_line(record)})


def settings(*rows):
    """Show the settings of a chapter as a table; the text may quote these and no others.

    Parameters
    ----------
    *rows : tuple of (str, value, str)
        LaTeX symbol (or empty), value (a number or LaTeX such as ``8 \\times 8``), meaning.

    Raises
    ------
    ValueError
        If a text has a bar: in Markdown it would end the cell of the table.
    """
    table = ["| symbol | value | meaning |", "|---|---|---|"]
    record = []
    for symbol, value, meaning in rows:
        text = value if isinstance(value, str) else f"{value:g}"
        if "|" in symbol + text + meaning:
            raise ValueError(
                f"settings: a bar in {(symbol, text, meaning)} ends the cell of the table;"
                r" write \lvert k \rvert for a modulus"
            )
        record.append({"symbol": symbol, "value": text, "meaning": meaning})
        table.append(f"| {f'${symbol}$' if symbol else ''} | ${text}$ | {meaning} |")
    plain = "\n".join(f"{r['symbol'] or '-'} = {r['value']}  ({r['meaning']})" for r in record)
    show({SETTINGS: record, "text/markdown": "\n".join(table), "text/plain": plain})
