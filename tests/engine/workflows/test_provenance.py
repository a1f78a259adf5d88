"""A revision says which weights drew it, and a new one which drew the masks before."""

from engine.workflows.provenance import before, drawn_with

NANO = {"segmenter": "nano", "segmenter_sha256": "14d9c3d49bcf"}
YOLO = {"detector": "yolo", "detector_sha256": "3ccf55c8fd75"}


def test_models_are_named_with_the_first_digits_of_their_weights() -> None:
    assert drawn_with(NANO | YOLO | {"version": "1"}) == "nano 14d9c3d49bcf, yolo 3ccf55c8fd75"


def test_a_persons_work_names_no_models() -> None:
    assert drawn_with({}) == drawn_with({"version": "1"}) == ""


def test_older_records_without_checksums_are_named_without() -> None:
    assert drawn_with({"segmenter": "nano"}) == "nano"


def test_the_same_weights_are_not_mentioned_whatever_they_were_called() -> None:
    assert before(NANO | YOLO, NANO | YOLO) == ""
    assert before(NANO | YOLO, {**NANO, "segmenter": "/runs/a.safetensors"} | YOLO) == ""


def test_other_weights_under_the_same_name_are_mentioned() -> None:
    assert before(NANO, {**NANO, "segmenter_sha256": "000000000000"}) == "nano 14d9c3d49bcf"


def test_another_detector_alone_is_mentioned() -> None:
    assert before(NANO | YOLO, NANO) == "nano 14d9c3d49bcf, yolo 3ccf55c8fd75"


def test_masks_that_no_model_drew_are_not_mentioned() -> None:
    assert before({}, NANO) == ""
