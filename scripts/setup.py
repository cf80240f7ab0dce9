"""Make the project's virtual environment from a committed lock file.

    python3 scripts/setup.py runtime|dev|bench

Does nothing when the environment already holds what the lock file says, so it needs the network
only once. Whatever is in the way is said in one line. The code avoids new syntax, so that an old
Python can still say that it is too old.
"""

import hashlib
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"
PYTHON = VENV / "bin" / "python"
OLDEST = (3, 11)
ROOM = 600 * 1024 * 1024
LOCKS = {
    "runtime": "requirements.lock",
    "dev": "requirements-dev.lock",
    "bench": "requirements-bench.lock",
}
PIP = (str(PYTHON), "-m", "pip", "install", "--quiet", "--disable-pip-version-check")


def fail(problem):
    sys.exit("setup: " + problem)


def check_python():
    if sys.version_info < OLDEST:
        fail(
            "Python %d.%d or later is needed, this is %s; name another: make PYTHON=python3.12 ..."
            % (OLDEST + (sys.version.split()[0],))
        )
    for module in ("venv", "ensurepip", "ssl"):
        try:
            __import__(module)
        except ImportError:
            fail("this Python lacks its module '%s' (on Debian: apt install python3-venv)" % module)


def check_room():
    free = shutil.disk_usage(str(ROOT)).free
    if free < ROOM:
        fail("%s has %d MB free, the set-up needs %d MB" % (ROOT, free >> 20, ROOM >> 20))


def fingerprint(lock):
    digest = hashlib.sha256((sys.version + str(ROOT)).encode())
    for name in (lock, "pyproject.toml"):
        digest.update((ROOT / name).read_bytes())
    return digest.hexdigest()


def works():
    try:
        return subprocess.run(
            [str(PYTHON), "-m", "pip", "--version"], capture_output=True, check=False
        )
    except OSError:
        return None


def run(doing, *command):
    try:
        done = subprocess.run(command, capture_output=True, text=True, cwd=str(ROOT), check=False)
    except OSError as error:
        fail("%s failed: %s" % (doing, error))
    if done.returncode:
        lines = (done.stderr or done.stdout).strip().splitlines() or ["no output"]
        errors = [line for line in lines if "error" in line.lower()] or lines
        fail("%s failed: %s" % (doing, errors[-1].strip()))


def install(kind):
    lock = LOCKS[kind]
    stamp = VENV / ("installed-" + kind)
    wanted = fingerprint(lock)
    if stamp.exists() and stamp.read_text() == wanted:
        return
    check_room()
    print("Setting up .venv from %s (once; needs the network) ..." % lock, flush=True)
    pip = works()
    if pip is None or pip.returncode:
        run("making .venv", sys.executable, "-m", "venv", "--clear", str(VENV))
    run("installing " + lock, *(PIP + ("--require-hashes", "-r", lock)))
    run(
        "installing dyncontent",
        *(PIP + ("--no-index", "--no-deps", "--no-build-isolation", "--editable", ".")),
    )
    try:
        stamp.write_text(wanted)
    except OSError as error:
        fail("%s cannot be written: %s" % (stamp, error))


if __name__ == "__main__":
    if sys.argv[1:] not in [[kind] for kind in LOCKS]:
        fail("usage: setup.py runtime|dev|bench")
    check_python()
    install(sys.argv[1])
