"""How a law shows itself."""

import numpy as np


class Shown:
    """A law whose repr has its modes, its learning rate and the settings that it names."""

    _shown = ()  # names of settings

    def __repr__(self):
        """Number and range of the modes, and all settings that are not 0 or None."""
        size, ends = self.variances.size, _range(self.variances)
        parts = [f"{size} mode{'s' if size > 1 else ''} {ends.strip('<>')}", f"eta={self.eta:g}"]
        for name in self._shown:
            value = getattr(self, name)
            if isinstance(value, str | tuple):
                parts.append(f"{name}={value!r}")
            elif value is not None and np.any(value):
                parts.append(f"{name}={_range(value)}")
        return f"{type(self).__name__}({', '.join(parts)})"


def _range(values):
    """A number, or the range of several, for a repr."""
    low, high = np.min(values), np.max(values)
    if np.isnan(low):
        return "unknown"
    return f"{low:g}" if low == high else f"<from {low:g} to {high:g}>"
