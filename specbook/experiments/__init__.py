"""Training and measuring with torch; knows nothing of the laws."""

from .ensemble import descend_together
from .linear import Schedule, descend, generated, generated_variance, plan

__all__ = ["Schedule", "descend", "descend_together", "generated", "generated_variance", "plan"]
