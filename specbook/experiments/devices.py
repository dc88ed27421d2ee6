"""Which device to compute on."""

import torch


def pick_device(device="auto", dtype=torch.float32):
    """The device to compute on: CUDA, else MPS, else the CPU; or `device` itself.

    Parameters
    ----------
    device : str or torch.device
        "auto", or a device of torch.
    dtype : torch.dtype
        MPS has no float64: "auto" then means the CPU.

    Returns
    -------
    torch.device
    """
    if isinstance(device, str) and device == "auto":
        if torch.cuda.is_available():
            return torch.device("cuda")
        if torch.backends.mps.is_available() and dtype != torch.float64:
            return torch.device("mps")
        return torch.device("cpu")
    try:
        found = torch.device(device)
        torch.empty(1, dtype=dtype, device=found)
    except (RuntimeError, AssertionError, TypeError, ImportError) as error:
        raise ValueError(f"device {str(device)!r} cannot be used: {error}") from None
    if found.type == "meta":
        raise ValueError("device 'meta' cannot be used: it holds no numbers")
    return found
