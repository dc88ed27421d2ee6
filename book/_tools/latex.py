"""Read the LaTeX that the book prints, and compare it with the SymPy statement behind it.

SymPy's parser knows neither our symbols (``\\sigma_{\\max}`` is one) nor our functions. So each
symbol of the notation table is replaced by a single letter first; what comes back is compared
with the statement at random points: a flipped sign or a lost factor is seen.
"""

import random
import re

import sympy as sp
from sympy.core.function import AppliedUndef

FUNCTIONS = {
    r"\operatorname{Ei}": sp.Ei, r"\mathrm{Ei}": sp.Ei,
    r"\operatorname{E}_1": lambda x: sp.expint(1, x), r"\mathrm{E}_1": lambda x: sp.expint(1, x),
    "E_1": lambda x: sp.expint(1, x),
    r"\operatorname{erf}": sp.erf, r"\operatorname{erfc}": sp.erfc,
    r"\operatorname{Ein}": lambda x: sp.expint(1, x) + sp.log(x) + sp.EulerGamma,
}
LINES = re.compile(r"\\begin\{aligned\}(\[t\])?|\\end\{aligned\}|\\\\|&")  # breaks for phones
SPACING = {r"\,", r"\;", r"\!", r"\:", r"\ ", r"\quad", r"\qquad", "~"}
SIZES = {
    r"\left", r"\right", r"\big", r"\Big", r"\bigg", r"\Bigg", r"\bigl", r"\bigr", r"\Bigl",
    r"\Bigr", r"\biggl", r"\biggr", r"\Biggl", r"\Biggr", r"\displaystyle",
}
SAME = {r"\tfrac": r"\frac", r"\dfrac": r"\frac", r"\lbrace": "(", r"\{": "(", r"\}": ")",
        "[": "(", "]": ")", r"\cdot": r"\cdot", r"\times": r"\cdot"}
ONE_ARGUMENT = {
    r"\tilde", r"\hat", r"\bar", r"\dot", r"\ddot", r"\vec", r"\mathrm", r"\mathbf", r"\mathcal",
    r"\boldsymbol", r"\text", r"\operatorname", r"\overline", r"\mathbb", r"\widetilde",
}
OPERATORS = {r"\ln", r"\log", r"\exp", r"\sin", r"\cos", r"\tan", r"\sinh", r"\cosh", r"\tanh",
             r"\max", r"\min", r"\sqrt", r"\frac", r"\sum", r"\prod", r"\int"}
SYMBOL_LETTERS = "abchjklmnopqrstuvwxyzABCHJKLMNPQRTUVWXYZ"  # d, e, i and E would be read as such
FUNCTION_LETTERS = "fgFGDOS"


def tokens(text):
    """LaTeX in a normal form: no spacing, every sub- and superscript and accent with braces."""
    text = LINES.sub(" ", text)
    raw = [t for t in re.findall(r"\\[a-zA-Z]+|\\.|\S", text, flags=re.S) if t not in SPACING]
    out, place = [], 0

    def argument():
        """Copy one argument with its braces."""
        nonlocal place
        if place >= len(raw):
            return
        if raw[place] == "{":
            depth = 0
            while place < len(raw):
                depth += {"{": 1, "}": -1}.get(raw[place], 0)
                if depth == 0:
                    out.append("}")
                    place += 1
                    return
                step()
            return
        out.append("{")
        step()
        out.append("}")

    def step():
        """Copy one token, and its argument if it takes one."""
        nonlocal place
        token = raw[place]
        place += 1
        out.append(token)
        if token in "_^" or token in ONE_ARGUMENT:
            argument()

    while place < len(raw):
        step()
    return tuple(out)


def same(one, other):
    """True if two pieces of LaTeX differ in spacing and optional braces only."""
    return tokens(one) == tokens(other)


def _split_table(notation):
    """Token sequences of the known symbols and functions, longest first."""
    table = [(tokens(entry.latex), entry.symbol) for entry in notation]
    table += [(tokens(latex), function) for latex, function in FUNCTIONS.items()]
    return sorted(table, key=lambda row: -len(row[0]))


def _is_function(value):
    return not isinstance(value, sp.Basic) or isinstance(value, sp.FunctionClass)


def parse(text, notation):
    """The SymPy expression of a LaTeX formula in the notation of the book.

    Parameters
    ----------
    text : str
        One side of an equation.
    notation : iterable of Notation
        Entries with ``latex`` and ``symbol``.

    Raises
    ------
    ValueError
        If it cannot be read, or contains a symbol that is not in the notation.
    """
    from sympy.parsing.latex import parse_latex
    from sympy.parsing.latex.errors import LaTeXParsingError

    stream, table = tokens(text), _split_table(notation)
    letters = {False: iter(SYMBOL_LETTERS), True: iter(FUNCTION_LETTERS)}
    names, out, place, previous = {}, [], 0, ""
    while place < len(stream):
        for sequence, value in table:
            if stream[place : place + len(sequence)] == sequence:
                is_function = _is_function(value)
                key = (is_function, value)
                if key not in names:
                    names[key] = next(letters[is_function])
                token, place = names[key], place + len(sequence)
                kind = "function" if is_function else "symbol"
                break
        else:
            upright = stream[place : place + 4]
            if upright in ((r"\mathrm", "{", "d", "}"), (r"\mathrm", "{", "e", "}")):
                token, place, kind = upright[2], place + 4, "operator"
            else:
                token, place = SAME.get(stream[place], stream[place]), place + 1
                kind = "operator" if token in OPERATORS else "other"
                if token in SIZES or (token == "." and out and out[-1] in SIZES):
                    continue
        multiplies = previous == "symbol" or (out and (out[-1] in ")}" or out[-1].isdigit()))
        if token == "(" and multiplies:
            out.append(r"\cdot")
        out.append(token)
        previous = kind
    joined = " ".join(out)
    joined = re.sub(r"(?<=\d) (?=[\d.])|(?<=\.) (?=\d)", "", joined)
    bounds = r"(\\(?:sum|prod|int)(?: [_^] \{[^{}]*\})*) \\cdot"
    joined = re.sub(bounds, r"\1", joined)
    try:
        expression = parse_latex(joined, backend="antlr")
    except (LaTeXParsingError, TypeError, AttributeError) as error:
        raise ValueError(f"cannot read {text!r}: {error}") from None
    return _restore(expression, names, text)


def _restore(expression, names, text):
    """Put the symbols and functions of the book back in place of the letters."""
    symbols = {sp.Symbol("e"): sp.E, sp.Symbol("pi"): sp.pi}
    symbols |= {sp.Symbol(name): value for (func, value), name in names.items() if not func}
    functions = {name: value for (func, value), name in names.items() if func}
    unknown = {s.name for s in expression.free_symbols} - {s.name for s in symbols}
    if unknown:
        raise ValueError(
            f"{text!r} contains {', '.join(sorted(unknown))}: not in the notation table"
        )
    expression = expression.replace(
        lambda e: isinstance(e, AppliedUndef) and e.func.__name__ in functions,
        lambda e: functions[e.func.__name__](*e.args),
    )
    left = {e.func.__name__ for e in expression.atoms(AppliedUndef)}
    if left:
        raise ValueError(f"{text!r} applies {', '.join(sorted(left))} to an argument: write \\cdot")
    return expression.xreplace(symbols)


def _plain(expression):
    """Functions and derivatives as symbols, so that the expression has a number at each point."""
    expression = sp.sympify(expression)
    swap = {d: sp.Symbol(f"[{d}]") for d in expression.atoms(sp.Derivative)}
    swap |= {f: sp.Symbol(f"[{f.func}]") for f in expression.atoms(AppliedUndef)}
    return expression.xreplace(
        {k: v for k, v in swap.items() if isinstance(k, sp.Derivative)}
    ).xreplace(swap)


def largest_difference(one, other, points=6, seed=1):
    """Largest relative difference of two expressions at random points in (0.2, 2), 30 digits.

    Returns infinity if either has no finite value at one of the points.
    """
    one, other = _plain(one), _plain(other)
    symbols = sorted(one.free_symbols | other.free_symbols, key=str)
    rng, largest = random.Random(seed), 0.0
    for _ in range(points):
        point = {s: sp.Float(str(rng.uniform(0.2, 2)), 30) for s in symbols}
        a, b = (sp.N(e.subs(point), 30) for e in (one, other))
        if not (a.is_number and b.is_number and a.is_finite and b.is_finite):
            return float("inf")
        scale = max(abs(a), abs(b))
        if scale:
            largest = max(largest, float(abs(a - b) / scale))
    return largest
