"""What a format could not hold, in words, in the order it was found."""

from dataclasses import dataclass, field


@dataclass(slots=True)
class Notes:
    """A list of remarks that grows while a dataset is written."""

    lines: list[str] = field(default_factory=list)

    def add(self, line: str) -> None:
        """Write one more line."""
        self.lines.append(line)
