"""Answers to the exercises of the chapter on the spectra of images, in plain NumPy."""

import numpy as np

from ..exercises import Exercise


def _grain(side=64, half_exponent=1.5, stretch=4.0, last=1 / 8, constant=False):
    """Exponent in rank of a field whose power depends on direction, from rank 4 on."""
    f = np.fft.fftfreq(side)
    squared = (stretch * f**2 + f[:, None] ** 2).ravel()
    power = np.sort(squared[squared > 0] ** -half_exponent)[::-1]
    if constant:  # kept as the first mode, as large as the next one
        power = np.concatenate([power[:1], power])
    rank = np.arange(1, power.size + 1)
    kept = (rank >= 4) & (rank <= last * side**2)
    return -np.polyfit(np.log(rank[kept]), np.log(power[kept]), 1)[0]


EXERCISES = (
    Exercise(
        "ex-spectra-sound", 2.0, 1e-6,
        (
            (1.0, "Right for pictures. How many modes lie below a frequency in one dimension?"),
            (4.0, "The number of modes grows as the frequency itself, not as its square root."),
            (-2.0, "The exponent is asked as a positive number."),
        ),
        "an exponent",
    ),
    Exercise(
        "ex-spectra-noise", 100 ** (1 / 1.5), 1e-4,
        (
            (10 ** (1 / 1.5), "The floor is a variance: a hundredth of what it was."),
            (100**1.5, "Solve for the rank: the exponent stands in the denominator."),
            (100.0, "That would be so for exponent one."),
            (100 ** (-1 / 1.5), "A lower floor uncovers more modes, not fewer."),
        ),
        "a factor",
    ),
    Exercise(
        "ex-spectra-contrast", 3 * ((1 + 3**4) / 2 / ((1 + 3**2) / 2) ** 2 - 1), 1e-6,
        (
            (3 * ((1 + 3**2) / 2 / 2**2 - 1), "Take the fourth and the second power of the "
             "contrast, not the second and the first."),
            ((1 + 3**4) / 2 / ((1 + 3**2) / 2) ** 2 - 1, "Three times that: the fourth moment of a "
             "Gaussian is three times its squared variance."),
            (3 * (1 + 3**4) / 2 / ((1 + 3**2) / 2) ** 2, "That is the kurtosis; take three away."),
            (0.0, "Two Gaussians of different width are mixed: that has heavy tails."),
        ),
        "an excess kurtosis",
    ),
    Exercise(
        "ex-spectra-grain", _grain(), 1e-4,
        (
            (-_grain(), "The exponent is asked as a positive number."),
            (_grain(half_exponent=3), "The power 3/2 already stands on a square of the frequency."),
            (_grain(last=1), "That is the whole list; near its end the corners bend it."),
            (_grain(stretch=1.0), "That field has no grain: one of the frequencies counts twice."),
            (_grain(constant=True), "The constant is still in the list: all ranks are too large."),
        ),
        "an exponent",
    ),
)
