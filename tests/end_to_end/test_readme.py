"""What the README tells its reader to do, done."""

import os
import re
import shutil
import subprocess
from io import BytesIO
from pathlib import Path

import httpx
import orjson
import pytest
from PIL import Image

from tests.processes import running_demo

ROOT = Path(__file__).parents[2]
README = (ROOT / "README.md").read_text()


def _scripts(section: str) -> list[str]:
    text = README.partition(f"## {section}\n")[2].partition("\n## ")[0]
    return re.findall(r"```sh\n(.*?)```", text, re.DOTALL)


@pytest.mark.skipif(shutil.which("curl") is None, reason="the README's commands use curl")
def test_the_commands_of_embed_it(tmp_path: Path) -> None:
    with running_demo(tmp_path, DYNCONTENT_ALLOWED_HOSTS="shop.example") as demo:
        script = "\n".join(("set -e", *_scripts("Embed it")))
        script = script.replace("http://127.0.0.1:8000", demo.base_url)
        script = script.replace("var/demo.json", str(demo.data_dir / "demo.json"))
        script = script.replace("docs/examples", str(ROOT / "docs" / "examples"))
        done = subprocess.run(
            ["sh", "-c", script], capture_output=True, text=True, check=False, env=os.environ
        )
        assert done.returncode == 0, done.stdout + done.stderr
        answers = [orjson.loads(line) for line in done.stdout.splitlines() if line]
        links = next(answer for answer in answers if "image" in answer)
        picture = httpx.get(links["image"], trust_env=False).content
        with Image.open(BytesIO(picture)) as image:
            assert image.size == (1200, 400)
        asked = {"block": "trip", "recipient": "7f1d", "message": "spring"}
        assert demo.do("POST", "previews", asked)["decision"]["variant"] == "booked"


@pytest.mark.parametrize("link", re.findall(r"\]\(((?!http)[^)#]+)\)", README))
def test_every_link_leads_to_a_file(link: str) -> None:
    assert (ROOT / link).exists()


@pytest.mark.parametrize("page", sorted((ROOT / "docs").rglob("*.md")), ids=lambda page: page.name)
def test_every_link_of_the_documentation_leads_to_a_file(page: Path) -> None:
    for link in re.findall(r"\]\(((?!http)[^)#]+)\)", page.read_text()):
        assert (page.parent / link).exists(), link
