"""The environment builder, on a list of one tiny wheel made here: no network."""

from __future__ import annotations

import base64
import hashlib
import os
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

import bootstrap

ROOT = Path(__file__).resolve().parents[2]


def make_wheel(folder: Path, version: str) -> str:
    """A pure wheel `tinywheel`; returns its requirement line with hash."""
    files = {
        "tinywheel.py": f"version = {version!r}\n",
        f"tinywheel-{version}.dist-info/METADATA": f"Metadata-Version: 2.1\nName: tinywheel\nVersion: {version}\n",
        f"tinywheel-{version}.dist-info/WHEEL": "Wheel-Version: 1.0\nGenerator: test\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
    }
    record = ""
    for name, text in files.items():
        digest = base64.urlsafe_b64encode(hashlib.sha256(text.encode()).digest()).rstrip(b"=").decode()
        record += f"{name},sha256={digest},{len(text)}\n"
    files[f"tinywheel-{version}.dist-info/RECORD"] = record + f"tinywheel-{version}.dist-info/RECORD,,\n"
    path = folder / f"tinywheel-{version}-py3-none-any.whl"
    with zipfile.ZipFile(path, "w") as archive:
        for name, text in files.items():
            archive.writestr(name, text)
    return f"tinywheel=={version} \\\n    --hash=sha256:{hashlib.sha256(path.read_bytes()).hexdigest()}\n"


class Project:
    """A copy of bootstrap.py with lists of its own."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.wheels = folder / "wheels"
        self.wheels.mkdir()
        (folder / "requirements").mkdir()
        shutil.copy(ROOT / "bootstrap.py", folder)
        self.require(make_wheel(self.wheels, "1.0"))

    def require(self, line: str) -> None:
        for group in bootstrap.GROUPS:
            (self.folder / "requirements" / f"{group}.txt").write_text(line)

    def run(self, group: str = "run") -> subprocess.CompletedProcess[str]:
        environment = {key: value for key, value in os.environ.items() if not key.startswith("PIP_")}
        environment |= {"PIP_NO_INDEX": "1", "PIP_FIND_LINKS": str(self.wheels)}
        return subprocess.run(
            [sys.executable, "bootstrap.py", group],
            cwd=self.folder,
            env=environment,
            capture_output=True,
            text=True,
        )

    def installed(self) -> str:
        return subprocess.run(
            [self.folder / ".venv/bin/python", "-c", "import tinywheel; print(tinywheel.version)"],
            capture_output=True,
            text=True,
        ).stdout.strip()


@pytest.fixture(scope="module")
def project(tmp_path_factory) -> Project:
    return Project(tmp_path_factory.mktemp("project"))


class TestEnvironment:
    """In order: each test finds what the one before it left, as on a machine over time."""

    def test_first_start_builds(self, project):
        done = project.run()
        assert done.returncode == 0, done.stderr
        assert project.installed() == "1.0"
        assert done.stdout == ""  # standard output belongs to the command

    def test_second_start_is_silent(self, project):
        done = project.run()
        assert (done.returncode, done.stderr) == (0, "")

    def test_a_changed_list_is_brought_in(self, project):
        project.require(make_wheel(project.wheels, "2.0"))
        marker = project.folder / ".venv" / "kept"
        marker.touch()
        assert project.run().returncode == 0
        assert project.installed() == "2.0"
        assert marker.exists()

    def test_an_environment_without_stamp_is_adopted_when_it_matches(self, project):
        (project.folder / ".venv" / ".stamp").unlink()
        done = project.run("dev")
        assert (done.returncode, done.stderr) == (0, "")
        assert '"dev"' in (project.folder / ".venv" / ".stamp").read_text()

    def test_a_half_built_one_is_built_again(self, project):
        (project.folder / ".venv" / ".stamp").unlink()
        python = project.folder / ".venv/bin/python"
        python.unlink()
        python.symlink_to("/nonexistent/python3")
        assert project.run().returncode == 0
        assert project.installed() == "2.0"
        assert not (project.folder / ".venv" / "kept").exists()

    def test_a_wrong_hash_is_refused_and_leaves_no_stamp(self, project):
        shutil.rmtree(project.folder / ".venv")
        project.require("tinywheel==2.0 \\\n    --hash=sha256:" + "0" * 64 + "\n")
        done = project.run()
        assert done.returncode == 1
        assert "PIP_INDEX_URL" in done.stderr
        assert not (project.folder / ".venv" / ".stamp").exists()


def test_an_old_python_is_told_in_one_sentence(monkeypatch, capsys):
    monkeypatch.setattr(bootstrap.sys, "version_info", (3, 9, 2))
    with pytest.raises(SystemExit):
        bootstrap.enter("demo")
    assert capsys.readouterr().err.count("\n") == 1


def test_without_root_what_is_missing_is_said_in_one_line(monkeypatch, capsys):
    monkeypatch.setattr(bootstrap, "missing_pango", lambda: ["libpango-1.0.so.0"])
    monkeypatch.setattr(bootstrap.os, "geteuid", lambda: 1000)
    bootstrap.ensure_system("demo")
    said = capsys.readouterr().err
    assert said.count("\n") == 1
    assert "apt-get install -y libpango-1.0-0 libpangoft2-1.0-0 libharfbuzz-subset0" in said


def test_apt_can_be_opted_out(monkeypatch):
    monkeypatch.setenv("PORTAL_NO_APT", "1")
    assert bootstrap.may_use_apt() is False


def test_every_pin_of_the_lists_is_hashed():
    for group in bootstrap.GROUPS:
        text = Path(bootstrap.requirements(group)).read_text(encoding="utf-8")
        entries = [entry for entry in text.split("\n") if entry and not entry.startswith((" ", "#"))]
        assert len(entries) == len(bootstrap.pins(group))
        assert all(entry.endswith("\\") for entry in entries), group


def test_each_list_holds_the_one_before():
    run, test, dev, bench = (
        {(name, version) for name, version, _ in bootstrap.pins(group)} for group in bootstrap.GROUPS
    )
    assert run < test < dev < bench
