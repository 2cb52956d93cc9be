"""What is said of the project in more than one place is the same everywhere."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
EXTRAS = PROJECT["optional-dependencies"]


@pytest.mark.parametrize(
    ("file", "declared"),
    [
        ("requirements.txt", PROJECT["dependencies"]),
        ("requirements-sign-in.txt", EXTRAS["sign-in"]),
        ("requirements-spark.txt", EXTRAS["spark"]),
        ("tests/requirements.txt", [each for each in EXTRAS["tests"] if each != "funnel-lens[sign-in]"]),
    ],
)
def test_pins_are_equal(file, declared):
    lines = (ROOT / file).read_text(encoding="utf-8").splitlines()
    pins = [line.split("#")[0].strip() for line in lines if not line.startswith(("#", "-r "))]
    assert pins == declared
    assert all(re.fullmatch(r"[\w-]+==[\w.]+", pin) for pin in pins)


def test_the_tests_need_what_the_sign_in_needs():
    assert "-r ../requirements-sign-in.txt" in (ROOT / "tests/requirements.txt").read_text(encoding="utf-8")
    assert "funnel-lens[sign-in]" in EXTRAS["tests"]


def test_the_newest_version_of_the_changes_is_the_projects():
    headings = re.findall(r"^## (.+)$", (ROOT / "CHANGELOG.md").read_text(encoding="utf-8"), re.M)
    assert next(each for each in headings if each != "Unreleased").split(",")[0] == PROJECT["version"]
