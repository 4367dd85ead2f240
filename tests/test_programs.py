"""The gate itself: what is missing is said, and never passes for tested where everything must run."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.programs import FINDERS, ProgramMissingError

ROOT = Path(__file__).parent.parent


PROJECT = {
    "test_skipped": 'import pytest\n\n@pytest.mark.skip(reason="the moon is full")\ndef test_it(): ...\n\ndef test_other(): ...\n',
    "test_skipped_whole": 'import pytest\n\npytest.skip("the sun is low", allow_module_level=True)\n',
    "test_expected": "import pytest\n\n@pytest.mark.xfail\ndef test_it(): assert False\n",
}
"""A skipped test, a skipped file and an expected failure, each a file of a project that is tested like ours."""


@pytest.mark.parametrize(
    ("require_all", "outcome"),
    [(False, "1 passed, 2 skipped, 1 xfailed"), (True, "1 passed, 1 xfailed, 2 errors")],
)
def test_a_skip_is_said_and_fails_only_where_everything_must_run_and_an_expected_failure_is_none(
    tmp_path: Path, require_all: bool, outcome: str
) -> None:
    for name, text in PROJECT.items():
        (tmp_path / f"{name}.py").write_text(text)
    environment = os.environ | {"MINGA_REQUIRE_ALL": str(int(require_all)), "PYTHONPATH": str(ROOT)}
    command = [sys.executable, "-m", "pytest", "-p", "tests.conftest", "-p", "no:cacheprovider", "-rs"]
    ended = subprocess.run(
        [*command, "--continue-on-collection-errors", "-c", str(ROOT / "pyproject.toml"), "--rootdir", str(tmp_path), str(tmp_path)],
        env=environment, cwd=tmp_path, capture_output=True, text=True, check=False,
    )  # fmt: skip

    assert outcome in ended.stdout
    assert (ended.returncode != 0) is require_all
    assert "the moon is full" in ended.stdout
    assert "the sun is low" in ended.stdout


@pytest.mark.parametrize("name", FINDERS)
def test_each_missing_program_is_named_with_what_brings_it(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setenv("MINGA_SAMPLES", str(tmp_path / "nowhere"))
    monkeypatch.setattr("tests.programs.PEERS", tmp_path)
    with pytest.raises(ProgramMissingError) as missing:
        FINDERS[name]()
    assert "\n" not in str(missing.value)
