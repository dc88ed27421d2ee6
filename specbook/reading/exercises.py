"""Exercises: an answer goes in, a verdict with a hint comes out.

The checkers are plain NumPy and share no code with `specbook.theory`; each chapter's stand in
a module of its own under `specbook.reading.answers`.
"""

from dataclasses import dataclass, field
from importlib import import_module
from pkgutil import iter_modules

import numpy as np

from .mime import EXERCISE, show


@dataclass(frozen=True)
class Exercise:
    """An exercise with a numerical answer.

    Attributes
    ----------
    label : str
        Address in the book, ``ex-...``.
    answer : float or ndarray
        The right answer.
    rtol : float
        Largest relative difference that still counts as right.
    hints : tuple of (float or ndarray, str)
        Answers that readers arrive at by a known slip, and what to say then.
    units : str
        What the answer is measured in, for the message about shapes.
    """

    label: str
    answer: object
    rtol: float
    hints: tuple = field(default_factory=tuple)
    units: str = ""

    def judge(self, answer):
        """Judge the reader's answer.

        Parameters
        ----------
        answer : float or array_like
            What the reader gives.

        Returns
        -------
        right : bool
            Whether it is right.
        message : str
            The verdict for the reader, with a hint if the slip is known.
        """
        right = np.asarray(self.answer, float)
        try:
            given = np.asarray(answer)
            given = given.astype(float, casting="unsafe" if given.dtype.kind != "c" else "safe")
        except (TypeError, ValueError, OverflowError, RuntimeError):
            return False, f"The answer should be {self._shape(right)}, not {type(answer).__name__}."
        if given.shape != right.shape:
            return (
                False,
                f"The answer should be {self._shape(right)}; yours has shape {given.shape}.",
            )
        if not np.isfinite(given).all():
            return False, "The answer contains NaN or infinity: look for a division by zero."
        if np.allclose(given, right, rtol=self.rtol, atol=0):
            return True, "Right."
        for slip, hint in self.hints:
            if np.allclose(given, np.asarray(slip, float), rtol=self.rtol, atol=0):
                return False, f"Not yet. {hint}"
        return False, "Not yet. Compare with the solution step by step."

    def _shape(self, right):
        what = "one number" if right.ndim == 0 else f"an array of shape {right.shape}"
        return f"{what} ({self.units})" if self.units else what


def exercises():
    """All exercises of the book.

    Returns
    -------
    dict of str to Exercise
        By label.
    """
    from . import answers

    found = {}
    for module in iter_modules(answers.__path__):
        for exercise in import_module(f"{answers.__name__}.{module.name}").EXERCISES:
            found[exercise.label] = exercise
    return found


def check(label, answer):
    """Judge an answer to an exercise, and show the verdict.

    Parameters
    ----------
    label : str
        Address of the exercise, ``ex-...``.
    answer : float or array_like
        What you found.

    Returns
    -------
    bool
        True if it is right.

    Raises
    ------
    ValueError
        If there is no such exercise.
    """
    book = exercises()
    if not isinstance(label, str) or label not in book:
        raise ValueError(f"label must be one of {', '.join(sorted(book))}, not {label!r}")
    right, message = book[label].judge(answer)
    show({EXERCISE: {"label": label, "right": right}, "text/plain": f"{label}: {message}"})
    return right
