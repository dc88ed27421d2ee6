"""What a reader of emergence times should know of them."""

import warnings

import numpy as np

MIXED = 0.95  # alignment below which variances from gains are not those of samples
FAR = np.log(3)  # logarithm of generated variance over the best one's, at the last step
NEAR = 0.05  # the same at the start, for a mode with hardly anything to learn


def warn_of_times(record, found):
    """Say which modes have no emergence time, and why a time may mislead.

    Parameters
    ----------
    record : Record
        What was measured.
    found : Emergence
        Of all modes.
    """
    steps, total, timed = record.steps, found.time.size, np.isfinite(found.time)
    with np.errstate(divide="ignore", invalid="ignore"):
        way = np.abs(np.log(record.variance[[0, -1]] / record.reachable))
    counted = {
        (f"of {total} modes were past their threshold at step {steps[steps > 0][0]}, the first"
         " measured after step 0: train more slowly, or measure earlier if there are steps before"
         ): found.early,
        (f"of {total} modes have not emerged by step {steps[-1]}: train on, or look at plot"
         " whether they come nearer at all"): found.never,
        (f"of {total} modes cross their threshold more than once: the time is that of the first"
         " crossing that was seen"): found.crossings > 1,
        (f"of {total} modes start within 5 % of their target: what their times say is little"
         ): timed & (way[0] < NEAR),
        (f"of {timed.sum()} modes that emerged end more than a factor 3 from their target: look at"
         " plot, and whether units of the data, noise levels and times of the model are right"
         ): timed & (way[1] > FAR),
    }
    says = [f"{np.sum(which)} {words}" for words, which in counted.items() if np.any(which)]
    if steps[0] > 0:
        says.append(
            f"the first measurement is of step {steps[0]}, so the start is not that of the"
            " untrained model: call measure(model, 0) before training, or now, with a network that"
            " is newly made in the same way"
        )
    mixed = np.nanmin(np.nanmedian(record.alignment, axis=0)) if record.mode == "gain" else 1.0
    if mixed < MIXED:
        says.append(
            f"the model mixes modes (alignment down to {mixed:.2f}): variances from gains may be"
            ' far from those of its samples, which Probe(..., mode="samples") draws'
        )
    if says:
        warnings.warn("; ".join(says), UserWarning, stacklevel=3)
