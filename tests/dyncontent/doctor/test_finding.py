from dyncontent.doctor.finding import Finding, well


def test_what_is_well_needs_no_advice() -> None:
    assert well("disk", "plenty") == Finding("disk", "ok", "plenty", "")
