"""Plots are small SVG: whole XML whatever the names are, the same bytes for the same numbers, bars as long as their values."""

from xml.etree import ElementTree as ET

import pytest
from hypothesis import given
from hypothesis import strategies as st

from exports.cards.svg import WIDTH, bars, columns, number

SVG = "{http://www.w3.org/2000/svg}"
names = st.text(max_size=40)
values = st.lists(st.tuples(names, st.integers(0, 10**9)), max_size=24)


def parsed(svg: str) -> ET.Element:
    return ET.fromstring(svg)  # noqa: S314 - our own text


def drawn(svg: str) -> list[ET.Element]:
    return [one for one in parsed(svg).iter(f"{SVG}rect") if one.get("class") == "bar"]


def words(svg: str) -> list[str]:
    return [one.text or "" for one in parsed(svg).iter(f"{SVG}text")]


@given(title=names, given_values=values)
def test_any_names_and_numbers_give_whole_xml_within_its_panel(
    title: str, given_values: list[tuple[str, float]]
):
    for svg in (bars(title, given_values), columns(title, given_values, below=title, unit=title)):
        high = float(parsed(svg).get("height", 0))
        for one in drawn(svg):
            x, y, w, h = (float(one.get(key, 0)) for key in ("x", "y", "width", "height"))
            assert x >= 0
            assert x + w <= WIDTH + 0.1
            assert y >= 0
            assert y + h <= high + 0.1


@given(given_values=values)
def test_the_same_numbers_give_the_same_bytes(given_values: list[tuple[str, float]]):
    assert bars("a", given_values) == bars("a", list(given_values))
    drawing = columns("a", given_values, below="b", unit="c")
    assert drawing == columns("a", tuple(given_values), below="b", unit="c")


@given(given_values=st.lists(st.tuples(st.just("a"), st.integers(0, 500)), min_size=1, max_size=24))
def test_there_is_a_bar_for_each_value_but_zero(given_values: list[tuple[str, float]]):
    shown = sum(value > 0 for _, value in given_values)
    assert len(drawn(bars("", given_values))) == shown
    assert len(drawn(columns("", given_values, below="", unit=""))) == shown


def test_a_bar_of_twice_the_value_is_twice_as_long():
    one, two = drawn(bars("", [("a", 200), ("b", 100)]))
    assert float(one.get("width", 0)) == pytest.approx(2 * float(two.get("width", 0)), abs=0.2)
    one, two = drawn(columns("", [("a", 200), ("b", 100)], below="", unit=""))
    assert float(one.get("height", 0)) == pytest.approx(2 * float(two.get("height", 0)), abs=0.2)


def test_all_columns_stand_on_one_line():
    svg = columns("", [("a", 7), ("b", 1), ("c", 1000)], below="", unit="")
    feet = {float(one.get("y", 0)) + float(one.get("height", 0)) for one in drawn(svg)}
    assert max(feet) - min(feet) < 0.2


def test_the_smallest_value_can_still_be_seen():
    _, small = drawn(bars("", [("a", 10**9), ("b", 1)]))
    assert float(small.get("width", 0)) >= 1


def test_values_are_written_with_their_unit_and_names_are_cut_where_they_are_too_long():
    said = words(bars("Seconds", [("north", 1234.5), ("x" * 80, 2.25)], unit="s"))
    assert "1,234 s" in said or "1,235 s" in said
    assert "2.2 s" in said
    assert f"{'x' * 25}…" in said


@pytest.mark.parametrize(
    ("most", "marks"),
    [
        (1, ["1"]),
        (4, ["1", "2", "3", "4"]),
        (7, ["2", "4", "6", "8"]),
        (23, ["10", "20", "30"]),
        (4321, ["2,000", "4,000", "6,000"]),
    ],
)
def test_an_axis_has_a_few_round_marks_and_ends_at_or_above_the_highest(
    most: int, marks: list[str]
):
    assert words(columns("", [("a", most)], below="", unit=""))[2:-2] == marks


def test_names_below_crowded_columns_are_thinned_until_they_do_not_touch():
    crowded = [(f"{2**k:,}", 1) for k in range(24)]
    said = words(columns("", crowded, below="", unit=""))
    assert "1" in said
    assert len([one for one in said if one.replace(",", "").isdigit()]) < 24


def test_a_plot_asks_whether_it_is_dark_around_it_and_loads_nothing():
    svg = bars("a", [("b", 1)])
    assert "prefers-color-scheme:dark" in svg
    assert "url(" not in svg
    assert "href" not in svg


@pytest.mark.parametrize(
    ("value", "said"), [(0, "0"), (12.0, "12"), (12.34, "12.3"), (1234567, "1,234,567")]
)
def test_numbers_are_grouped_and_short(value: float, said: str):
    assert number(value) == said
