"""Lines of latency."""

import xml.etree.ElementTree as ElementTree

from benchmarks.axes import Logarithmic
from benchmarks.curve import svg


def test_each_line_is_there_with_its_name_and_within_the_drawing() -> None:
    lines = {"ours & us": [(100.0, 1.0), (1000.0, 20.0)], "other": [(90.0, 2.0), (300.0, 2000.0)]}
    root = ElementTree.fromstring(svg(lines, "ours & us", "time", "rate", (Logarithmic,) * 2))
    space = "{http://www.w3.org/2000/svg}"
    texts = [one.text for one in root.iter(f"{space}text")]
    assert "ours & us" in texts
    assert "other" in texts
    circles = list(root.iter(f"{space}circle"))
    assert len(circles) == 4
    for one in circles:
        assert 0 < float(one.attrib["cx"]) < float(root.attrib["width"])
        assert 0 < float(one.attrib["cy"]) < float(root.attrib["height"])
