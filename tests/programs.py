"""Programs that tests ask for a second opinion, of Debian's packages."""

import os
import shutil
import subprocess
from pathlib import Path

import pytest


def find(package: str, name: str) -> str:
    """The program's path. Without it the test is skipped, and says what to install; where
    everything must hold, it fails."""
    program = shutil.which(name)
    if program is None:
        missing = f"{name} is not installed: apt-get install {package}"
        if os.environ.get("CI"):
            pytest.fail(missing)
        pytest.skip(missing)
    return program


def ask(package: str, *command: str | Path) -> str:
    """What a program prints."""
    program = find(package, str(command[0]))
    asked = subprocess.run(
        [program, *map(str, command[1:])], capture_output=True, text=True, check=False, timeout=60
    )
    assert asked.returncode == 0, asked.stderr or asked.stdout
    assert not asked.stderr, asked.stderr
    return asked.stdout
