"""What a reader of emergence times should know of them."""

import warnings


def warn_of_times(found, steps):
    """Say which modes have no emergence time, and what would help.

    Parameters
    ----------
    found : Emergence
        Of all modes.
    steps : ndarray, shape (time,)
        That were measured, the first one included.
    """
    total, says = found.time.size, []
    if early := int(found.early.sum()):
        says.append(
            f"{early} of {total} modes were past their threshold at step {steps[steps > 0][0]}, the"
            " first that was measured after step 0: measure earlier, or train more slowly"
        )
    if never := int(found.never.sum()):
        says.append(f"{never} of {total} modes have not emerged by step {steps[-1]}: train on")
    if steps[0] > 0:
        says.append(
            f"the first measurement is of step {steps[0]}, so the start is not that of the"
            " untrained model: call measure(model, 0) before training, or now, with a network that"
            " is newly made in the same way"
        )
    if back := int((found.crossings > 1).sum()):
        says.append(f"{back} of {total} modes cross their threshold more than once: the time is"
                    " that of the first crossing")
    if says:
        warnings.warn("; ".join(says), UserWarning, stacklevel=3)
