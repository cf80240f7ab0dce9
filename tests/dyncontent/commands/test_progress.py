"""Bars of progress, for people at a terminal alone."""

import io
import sys

import pytest

from dyncontent.commands.progress import progress, unseen


class _Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def test_a_terminal_shows_how_far_it_is(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TERM", "xterm")
    terminal = _Terminal()
    monkeypatch.setattr(sys, "stderr", terminal)
    with progress("links of trip", quiet=False) as moved:
        moved(3, 10)
    assert "links of trip" in terminal.getvalue()
    assert "3/10" in terminal.getvalue()


def test_nobody_else_sees_one(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    with progress("a", quiet=False) as moved:
        assert moved is unseen
        moved(1, None)
    assert capsys.readouterr() == ("", "")
    monkeypatch.setattr(sys, "stderr", _Terminal())
    with progress("a", quiet=True) as moved:
        assert moved is unseen
