"""The workflows: checked before anything is built, built before anything is deployed, and no key that lasts."""

import re
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml

ROOT = Path(__file__).parents[2]
FILES = sorted((ROOT / ".github" / "workflows").glob("*.yml"))
MAIN = ROOT / ".github" / "workflows" / "main.yml"


def jobs(path: Path) -> dict[str, Any]:
    found: dict[str, Any] = yaml.safe_load(path.read_text())["jobs"]
    return found


def needed(job: dict[str, Any]) -> list[str]:
    needs = job.get("needs", [])
    return [needs] if isinstance(needs, str) else needs


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_no_key_lasts_and_nothing_may_write(path: Path) -> None:
    text = path.read_text()
    assert "secrets." not in text
    assert yaml.safe_load(text)["permissions"] == {"contents": "read"}
    for job in jobs(path).values():
        assert "timeout-minutes" in job
        takes_role = any("role-to-assume" in step.get("with", {}) for step in job["steps"])
        assert (job.get("permissions", {}).get("id-token") == "write") is takes_role


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_what_people_write_never_becomes_a_command(path: Path) -> None:
    for job in jobs(path).values():
        assert not [step for step in job["steps"] if "${{" in step.get("run", "")]


def test_nothing_is_built_or_deployed_that_was_not_verified() -> None:
    found = jobs(MAIN)
    runs = [step["run"] for step in found["verify"]["steps"] if "run" in step]
    assert {"make check", "make check-infra", "make test"} <= set(runs)
    assert {name: needed(job) for name, job in found.items()} == {
        "verify": [],
        "build": ["verify"],
        "publish-template": ["verify"],
        "deploy": ["build", "publish-template"],
    }


def test_actions_that_are_not_pinned_by_commit_are_listed() -> None:
    used = {action for path in FILES for action in re.findall(r"uses: (\S+)", path.read_text())}
    by_version = {action for action in used if not re.fullmatch(r".+@[0-9a-f]{40}", action)}
    listed = set(re.findall(r"`([\w/-]+@v[\d.]+)`", (ROOT / "docs" / "deploy-cloud.md").read_text()))
    assert by_version == listed


def test_the_published_templates_exist() -> None:
    published = re.findall(r"s3 cp (\S+) ", MAIN.read_text())
    assert len(published) == 2
    assert all((ROOT / one).is_file() for one in published)


def test_the_template_is_published_for_good_and_as_the_newest(tmp_path: Path) -> None:
    """The step itself is run, with an `aws` that notes what it is asked for."""
    noted = tmp_path / "noted"
    (tmp_path / "aws").write_text(f'#!/bin/sh\necho "$@" >> {noted}\necho Enabled\n')
    (tmp_path / "aws").chmod(0o755)
    step = jobs(MAIN)["publish-template"]["steps"][-1]
    given = {**step["env"], "GITHUB_SHA": "c0ffee", "PATH": f"{tmp_path}:/usr/bin:/bin"}
    subprocess.run(["/bin/bash", "-e", "-c", step["run"]], env=given, cwd=ROOT, check=True)  # noqa: S603 - our own file
    keys = re.findall(r"s3 cp infra/customer-role.yaml s3://dd0c-cf-templates/(\S+)", noted.read_text())
    assert keys == ["c0ffee/dd0c-cost-readonly.yaml", "dd0c-cost-readonly.yaml"]
