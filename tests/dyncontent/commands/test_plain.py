"""How commands print and fail."""

import pytest

from dyncontent.commands.plain import plain_errors, say
from dyncontent.store.roundtrip import StoreError


def test_one_answer_for_people_and_one_for_programs(capsys: pytest.CaptureFixture[str]) -> None:
    say("It is done.", {"done": True}, as_json=False)
    say("It is done.", {"done": True}, as_json=True)
    assert capsys.readouterr().out == 'It is done.\n{"done":true}\n'


@pytest.mark.parametrize(
    ("as_json", "said"), [(False, "dyncontent: gone\n"), (True, '{"error":"gone"}\n')]
)
def test_what_can_be_mended_is_said_in_a_line(
    capsys: pytest.CaptureFixture[str], as_json: bool, said: str
) -> None:
    with pytest.raises(SystemExit) as ended, plain_errors(as_json):
        raise StoreError("gone")
    assert ended.value.code == 1
    assert capsys.readouterr().err == said


def test_a_fault_of_our_own_is_not_hidden() -> None:
    with pytest.raises(ZeroDivisionError), plain_errors():
        raise ZeroDivisionError


def test_control_c_is_quiet(capsys: pytest.CaptureFixture[str]) -> None:
    with plain_errors():
        raise KeyboardInterrupt
    assert capsys.readouterr() == ("", "")
