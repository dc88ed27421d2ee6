"""``specbook doctor``: is this installation fit for the book, and if not, what to do."""

from .report import Finding, Report, examine

__all__ = ["Finding", "Report", "examine"]
