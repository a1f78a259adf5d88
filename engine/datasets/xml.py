"""XML files as trees of elements, read without trust: no document types, no entities, so nothing can grow. Knows no format."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from xml.parsers.expat import ExpatError, ParserCreate

from engine.errors import InputError


@dataclass(slots=True)
class Element:
    """A tag with its attributes, its text and what is inside."""

    tag: str
    attributes: Mapping[str, str] = field(default_factory=dict)
    text: str = ""
    inside: list["Element"] = field(default_factory=list)

    def all(self, tag: str) -> list["Element"]:
        """Return the elements of a tag directly inside."""
        return [one for one in self.inside if one.tag == tag]

    def find(self, path: str) -> "Element | None":
        """Return the first element at a path of tags, such as "meta/task/size"."""
        tag, _, rest = path.partition("/")
        for one in self.all(tag):
            found = one.find(rest) if rest else one
            if found is not None:
                return found
        return None

    def said(self, path: str) -> str:
        """Return the text at a path of tags, "" where there is none."""
        found = self.find(path)
        return found.text.strip() if found else ""


def read_xml(path: Path) -> Element:
    """Return the root of a file.

    Raises:
        InputError: it is absent, no XML, or declares a document type or entities, which no annotation needs.
    """
    root = Element("")
    stack = [root]

    def start(tag: str, attributes: dict[str, str]) -> None:
        made = Element(tag, attributes)
        stack[-1].inside.append(made)
        stack.append(made)

    def words(text: str) -> None:
        stack[-1].text += text

    def refuse(*_: object) -> None:
        raise InputError(
            f"{path}: declares a document type or entities, which can hide or multiply content; take that line out"
        )

    parser = ParserCreate()
    parser.buffer_text = True
    parser.StartElementHandler, parser.CharacterDataHandler = start, words
    parser.EndElementHandler = lambda _: stack.pop()
    parser.StartDoctypeDeclHandler = parser.EntityDeclHandler = refuse
    try:
        with path.open("rb") as file:
            parser.ParseFile(file)
    except (OSError, ExpatError, ValueError) as error:
        raise InputError(f"{path}: not readable as XML ({error}); export it again") from error
    return root.inside[0]
