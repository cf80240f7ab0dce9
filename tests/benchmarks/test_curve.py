"""Lines of latency."""

import xml.etree.ElementTree as ElementTree

from benchmarks.curve import svg


def _points(*pairs: tuple[float, float]) -> list[dict[str, object]]:
    return [{"a second": rate, "milliseconds": {"p99": time}} for rate, time in pairs]


def test_each_line_is_there_with_its_name_and_within_the_drawing() -> None:
    lines = {"ours & us": _points((100, 1), (1000, 20)), "other": _points((90, 2), (300, 2000))}
    root = ElementTree.fromstring(svg(lines, "ours & us"))
    space = "{http://www.w3.org/2000/svg}"
    texts = [one.text for one in root.iter(f"{space}text")]
    assert "ours & us" in texts
    assert "other" in texts
    circles = list(root.iter(f"{space}circle"))
    assert len(circles) == 4
    for one in circles:
        assert 0 < float(one.attrib["cx"]) < float(root.attrib["width"])
        assert 0 < float(one.attrib["cy"]) < float(root.attrib["height"])
