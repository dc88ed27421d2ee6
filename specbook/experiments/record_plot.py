"""The figure of a record."""

import numpy as np

from .._needs import need
from ..measure import threshold

STYLES = ("-", "--", "-.", ":")


def plot(record, ax, count, law=None, criterion=None):
    """Draw the curves of some modes; see `Record.plot`."""
    need("specbook.experiments.Probe.plot", "plot", "matplotlib")
    import matplotlib.pyplot as plt

    variance, steps, lam = record.variance, record.steps, record.targets
    ax = plt.figure(layout="constrained").add_subplot() if ax is None else ax
    shown = spread(lam, count)
    later = steps > 0
    exact = _of_law(record, law, steps[later]) if law is not None else None
    found = record.emergence(criterion) if criterion is not None else None
    for place, mode in enumerate(shown):
        color = f"C{place % 10}"  # of the reader's own style
        ax.loglog(
            steps[later], variance[later, mode] / lam[mode], color=color,
            linestyle=STYLES[place % 4], marker=".", label=f"{lam[mode]:.2g}",
        )
        if exact is not None:
            ax.loglog(exact[0], exact[1][:, mode] / lam[mode], color=color, linewidth=0.8)
        if found is not None:  # the threshold until it is crossed, and the crossing
            level = threshold(variance[0, mode], record.reachable[mode], criterion) / lam[mode]
            time, first = found.time[mode], steps[later][0]
            until = np.nan_to_num(time, nan=first if found.early[mode] else steps[-1])
            ax.plot([first, until], [level] * 2, color=color, linestyle=":", linewidth=0.8)
            ax.plot(time, level, "o", color=color, markerfacecolor="none", markersize=9)
    ax.axhline(1, color="0.5", linewidth=1, zorder=0)
    whose = "generated variance" if record.mode == "samples" else "variance implied by gains"
    ax.set(xlabel="training step", ylabel=f"{whose} / data variance")
    extra = [] if law is None else ["thin: law"]
    extra += [] if criterion is None else ["dotted: threshold", f"circle: {criterion} emergence"]
    title = "\n".join(["data variance", *extra])
    beside = {"loc": "center left", "bbox_to_anchor": (1.01, 0.5), "frameon": False}
    ax.legend(title=title, fontsize="small", title_fontsize="small", **beside)
    return ax


def spread(variances, count):
    """Places of some modes, from the largest variance to the smallest that is not 0."""
    order = np.argsort(-variances, kind="stable")[: np.count_nonzero(variances)]
    return order[np.unique(np.linspace(0, len(order) - 1, min(count, len(order))).astype(int))]


def _of_law(record, law, steps):
    """Steps at equal ratios, and what a law generates at them in the way of the record."""
    if not hasattr(law, "generated_variance"):
        raise ValueError(
            f"law must have generated_variance(tau, sampling), not be a {type(law).__name__}"
        )
    tau = np.geomspace(steps[0], steps[-1], 200)
    curve = np.asarray(law.generated_variance(tau, record.sampling))
    if curve.shape != (tau.size, record.targets.size):
        raise ValueError(
            f"law must have the {record.targets.size} modes of the record, found shape"
            f" {curve.shape} for {tau.size} times"
        )
    return tau, curve
