"""`dyncontent bench`."""

from pathlib import Path

import orjson
import pytest
from click.testing import CliRunner, Result

from dyncontent.cli import main
from dyncontent.demo.load import DEMO_FILE
from tests.dyncontent.commands.conftest import Running
from tests.samples import BLOCK, MESSAGE, RECIPIENT


def _url(running: Running) -> str:
    asked = {"block": BLOCK, "recipient": RECIPIENT, "message": MESSAGE}
    url: str = running.do("POST", "links", asked)["image"]
    return url


def _bench(*arguments: str, given: str | None = None) -> Result:
    file = ("-",) if given is not None else ()
    return CliRunner().invoke(main, ["bench", *file, *arguments], input=given)


@pytest.mark.parametrize("loop", [("--together", "3"), ("--rate", "40")])
def test_opens_are_counted_and_timed(running: Running, loop: tuple[str, str]) -> None:
    result = _bench("--seconds", "0.5", *loop, "--json", given=_url(running))
    assert (result.exit_code, result.stderr) == (0, "")
    told = orjson.loads(result.stdout)
    assert told["failures"] == {}
    assert told["opens"] >= 3
    times = told["milliseconds"]
    assert 0 < times["p50"] <= times["p90"] <= times["p99"] <= times["p99.9"] <= times["max"]
    if loop[0] == "--rate":
        assert told["opens"] == 20
        assert told["loop"] == "open, 40 a second"


def test_all_mail_programs_can_be_sent(running: Running) -> None:
    result = _bench("--seconds", "0.2", "--user-agent", "mixed", given=_url(running))
    assert result.exit_code == 0, result.output


def test_an_earlier_run_stands_beside_and_decides_the_exit_code(
    running: Running, tmp_path: Path
) -> None:
    url, earlier = _url(running), tmp_path / "earlier.json"
    told = orjson.loads(_bench("--seconds", "0.3", "--json", given=url).stdout)
    for rate, code, said in ((1.0, 0, False), (10.0**9, 3, True)):
        earlier.write_bytes(orjson.dumps(told | {"per_second": rate}))
        arguments = ("--seconds", "0.3", "--compare", str(earlier), "--allow", "1000")
        result = _bench(*arguments, given=url)
        assert (result.exit_code, "WORSE" in result.output) == (code, said), result.output
        as_json = orjson.loads(_bench(*arguments, "--json", given=url).stdout)
        assert as_json["compared"]["per_second"]["worse"] is said
        assert as_json["compared"]["per_second"]["then"] == rate
    failed = _bench(*arguments, given=f"{running.url}/nothing.png")
    assert failed.exit_code == 1
    other = _bench("--seconds", "0.1", "--rate", "50", "--compare", str(earlier), given=url)
    assert (other.exit_code, "otherwise" in other.stderr) == (1, True)


def test_what_links_writes_is_read_and_people_are_told(running: Running) -> None:
    line = orjson.dumps({"recipient": RECIPIENT, "image": _url(running)}).decode()
    result = _bench("--seconds", "0.1", given=f"{line}\n\n{line}\n")
    assert result.exit_code == 0
    assert "opens in" in result.output
    assert "p99.9" in result.output


def test_a_table_of_links_is_read(running: Running) -> None:
    table = f'recipient,name,image\n{RECIPIENT},"a,b",{_url(running)}\n'
    assert _bench("--seconds", "0.1", given=table).exit_code == 0
    broken = _bench("--seconds", "0.1", given=f"{table}emma\n")
    assert (broken.exit_code, "columns" in broken.stderr) == (1, True)


def test_where_nothing_is_answered_rightly_no_times_are_told(running: Running) -> None:
    result = _bench("--seconds", "0.1", given=f"{running.url}/nothing.png\n")
    assert result.exit_code == 1
    assert "none was answered rightly" in result.output
    assert "None" not in result.output


def test_wrong_answers_are_counted_and_fail(running: Running) -> None:
    url = f"{running.url}/nothing.png"
    result = _bench("--seconds", "0.1", given=f"{url}\n{_url(running)}\n")
    assert result.exit_code == 1
    assert "× status 404" in result.output


def test_a_server_that_does_not_answer_is_said_at_once() -> None:
    result = _bench("--seconds", "30", "--json", given="http://127.0.0.1:1/i/trip.png")
    assert result.exit_code == 1
    assert "does not answer" in orjson.loads(result.stderr)["error"]


def test_the_pictures_of_the_demo_are_opened_where_none_are_named(
    running: Running, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DYNCONTENT_DATA_DIR", str(tmp_path / "none"))
    assert "there is no demo in" in _bench().stderr
    monkeypatch.setenv("DYNCONTENT_DATA_DIR", str(tmp_path))
    demo = {"scenarios": {BLOCK: [{"image": _url(running)}]}}
    (tmp_path / DEMO_FILE).write_bytes(orjson.dumps(demo))
    assert _bench("--seconds", "0.1").exit_code == 0


@pytest.mark.parametrize("given", ["", "https://a.example/\n", '{"click": "x"}\n', "{\n"])
def test_what_cannot_be_opened_is_refused(given: str) -> None:
    assert _bench(given=given).exit_code == 1
