"""The short list of numbers and formulas that need no evidence, each with a reason."""

import re
from pathlib import Path

LIST = Path(__file__).resolve().parents[1] / "exempt.txt"


class Exempt:
    """Patterns of ``exempt.txt``, and which of them were needed.

    A line is: regular expression, tab, reason. A pattern in dollar signs is compared with a
    whole inline formula, any other with the running text around a number.
    """

    def __init__(self, file=LIST):
        self.rows, self.used = [], set()
        for line in Path(file).read_text(encoding="utf-8").splitlines():
            if line.strip() and not line.startswith("#"):
                pattern, tab, reason = line.partition("\t")
                if not tab or not reason.strip():
                    raise ValueError(f"exempt.txt: {line!r} gives no reason (pattern, tab, reason)")
                self.rows.append(
                    (pattern, re.compile(pattern.strip("$") if self._formula(pattern) else pattern))
                )

    @staticmethod
    def _formula(pattern):
        return pattern.startswith("$") and pattern.endswith("$") and len(pattern) > 1

    def covers(self, text, start, end):
        """True if a pattern matches the text over the whole of this number."""
        for pattern, regex in self.rows:
            if not self._formula(pattern):
                for match in regex.finditer(text):
                    if match.start() <= start and end <= match.end():
                        self.used.add(pattern)
                        return True
        return False

    def covers_mathematics(self, formula):
        """True if a pattern in dollar signs is this formula."""
        for pattern, regex in self.rows:
            if self._formula(pattern) and regex.fullmatch(" ".join(formula.split())):
                self.used.add(pattern)
                return True
        return False

    def stale(self):
        """Patterns that nothing needed."""
        return [pattern for pattern, _ in self.rows if pattern not in self.used]
