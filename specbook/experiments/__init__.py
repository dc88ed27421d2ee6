"""Training and measuring with torch; knows nothing of the laws."""

from .linear import Schedule, descend, generated, generated_variance, plan

__all__ = ["Schedule", "descend", "generated", "generated_variance", "plan"]
