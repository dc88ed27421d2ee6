"""The figure of a record."""

import numpy as np


def plot(record, ax, count):
    """Draw the curves of some modes; see `Record.plot`."""
    import matplotlib.pyplot as plt

    variance, steps = record.variance, record.steps
    ax = plt.figure().add_subplot() if ax is None else ax
    order = np.argsort(-record.targets, kind="stable")[: np.count_nonzero(record.targets)]
    shown = order[np.unique(np.linspace(0, len(order) - 1, min(count, len(order))).astype(int))]
    later, styles = steps > 0, ("-", "--", "-.", ":")
    for place, mode in enumerate(shown):
        share = place / max(len(shown) - 1, 1)
        ax.loglog(
            steps[later], variance[later, mode] / record.targets[mode],
            color=plt.cm.viridis(0.9 * share), linestyle=styles[place % 4], marker=".",
            label=f"{record.targets[mode]:.2g}",
        )
    ax.axhline(1, color="0.6", linewidth=1, zorder=0)
    ax.set(xlabel="training step", ylabel="generated variance / data variance")
    ax.legend(title="data variance")
    return ax
