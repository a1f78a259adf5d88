"""XML of tools is read as a tree, without trust in what a file may declare."""

from pathlib import Path

import pytest

from engine.datasets.xml import read_xml
from engine.errors import InputError


def tree(tmp_path: Path, content: str):
    (tmp_path / "a.xml").write_text(content, encoding="utf-8")
    return read_xml(tmp_path / "a.xml")


def test_tags_attributes_and_texts_are_found_by_their_path(tmp_path: Path) -> None:
    root = tree(tmp_path, '<a k="ü"><b>x<!-- no --><c> y &amp; z </c></b><b><c/><d>3</d></b></a>')
    assert (root.tag, root.attributes) == ("a", {"k": "ü"})
    assert root.said("b/c") == "y & z"
    assert root.said("b/d") == "3"
    assert root.said("b/nothing/more") == ""
    assert [one.text for one in root.all("b")] == ["x", ""]
    assert root.find("c") is None


def test_an_empty_element_is_there(tmp_path: Path) -> None:
    assert tree(tmp_path, "<a><b/></a>").find("b") is not None


@pytest.mark.parametrize("content", ["", "text", "<a>", "<a></b>", "<a/><b/>", "<a>&unknown;</a>"])
def test_what_is_no_xml_is_refused(tmp_path: Path, content: str) -> None:
    with pytest.raises(InputError, match="not readable as XML"):
        tree(tmp_path, content)


def test_a_file_that_is_not_there_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="not readable as XML"):
        read_xml(tmp_path / "gone.xml")


def test_entities_cannot_multiply(tmp_path: Path) -> None:
    laughs = '<!DOCTYPE a [<!ENTITY x "ha"><!ENTITY y "&x;&x;&x;">]><a>&y;</a>'
    with pytest.raises(InputError, match="which can hide or multiply content"):
        tree(tmp_path, laughs)
