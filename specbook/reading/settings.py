"""Settings: sizes, seeds and ranges of a chapter, which its text may quote."""

import re
from itertools import groupby

from .mime import SETTINGS, show

COUNT = re.compile(r"(?!1$)\d+( \\times \d+)*")  # several of something
# What it counts, with a word before it: "modes", "noise levels", "of them rise".
PLURAL = re.compile(r"(?!its\b|their\b)(?:\w+ )?\w+(?<!s)s\b|of them\b")
FEW = 4  # phrases that one sentence can hold


def settings(*rows):
    """Show the settings of a chapter; the text may quote these and no others.

    Those with a symbol are a table. The others follow as a sentence, or as a list if there are
    many; neighbours of the same meaning are said at once.

    Parameters
    ----------
    *rows : tuple of (str, value, str)
        LaTeX symbol (or empty), value (a number or LaTeX such as ``8 \times 8``), meaning.

    Raises
    ------
    ValueError
        If a text has a bar: in Markdown it would end the cell of the table.
    """
    record = []
    for symbol, value, meaning in rows:
        text = value if isinstance(value, str) else f"{value:g}"
        if "|" in symbol + text + meaning:
            raise ValueError(
                f"settings: a bar in {(symbol, text, meaning)} ends the cell of the table;"
                r" write \lvert k \rvert for a modulus"
            )
        record.append({"symbol": symbol, "value": text, "meaning": meaning})
    plain = "\n".join(
        f"{r['symbol']} = {r['value']}  ({r['meaning']})" if r["symbol"]
        else f"{r['value']}  ({r['meaning']})" for r in record
    )
    show({SETTINGS: record, "text/markdown": _markdown(record), "text/plain": plain})


def _markdown(record):
    """A table of what has a symbol, and the rest in words."""
    blocks, beside = [], [row for row in record if not row["symbol"]]
    if len(beside) < len(record):
        table = [f"| ${r['symbol']}$ | ${r['value']}$ | {r['meaning']} |"
                 for r in record if r["symbol"]]
        blocks.append("\n".join(["| symbol | value | meaning |", "|---|---|---|", *table]))
    if phrases := _phrases(beside):
        start = "Also" if blocks else "Settings" if len(beside) > 1 else "Setting"
        if len(phrases) > FEW or any(";" in phrase for phrase in phrases):
            blocks += [f"{start}:", "\n".join(f"- {phrase}" for phrase in phrases)]
        else:
            blocks.append(f"{start}: {'; '.join(phrases)}.")
    return "\n\n".join(blocks)


def _phrases(rows):
    """Settings without a symbol in words: "63 modes", "start of the filter: 0.1 and 0.5"."""
    phrases = []
    for meaning, same in groupby(rows, key=lambda row: row["meaning"]):
        values = [row["value"] for row in same]
        *first, last = (f"${value}$" for value in values)
        text = f"{', '.join(first)} and {last}" if first else last
        counted = all(map(COUNT.fullmatch, values)) and PLURAL.match(meaning)
        phrases.append(f"{text} {meaning}" if counted else f"{meaning}: {text}")
    return phrases
