"""The gate itself: what is missing is said, and never passes for tested where everything must run."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.programs import FINDERS, ProgramMissingError

ROOT = Path(__file__).parent.parent


def run_pytest(directory: Path, test: str, *, require_all: bool) -> subprocess.CompletedProcess[str]:
    (directory / "test_sample.py").write_text(test)
    environment = os.environ | {"MINGA_REQUIRE_ALL": "1" if require_all else "0", "PYTHONPATH": str(ROOT)}
    command = [sys.executable, "-m", "pytest", "-p", "tests.conftest", "-p", "no:cacheprovider", "-rs", "-c"]
    return subprocess.run(
        [*command, str(ROOT / "pyproject.toml"), "--rootdir", str(directory), str(directory)],
        env=environment, cwd=directory, capture_output=True, text=True, check=False,
    )  # fmt: skip


SKIPPED_TEST = 'import pytest\n\n@pytest.mark.skip(reason="the moon is full")\ndef test_it(): ...\n'
SKIPPED_FILE = 'import pytest\n\npytest.skip("the moon is full", allow_module_level=True)\n'
EXPECTED_FAILURE = "import pytest\n\n@pytest.mark.xfail\ndef test_it(): assert False\n"


@pytest.mark.parametrize("test", [SKIPPED_TEST, SKIPPED_FILE])
def test_a_skip_is_said_and_fails_only_where_everything_must_run(tmp_path: Path, test: str) -> None:
    lenient = run_pytest(tmp_path, test + "\ndef test_other(): ...\n", require_all=False)
    assert lenient.returncode in (0, pytest.ExitCode.NO_TESTS_COLLECTED)
    assert "the moon is full" in lenient.stdout

    strict = run_pytest(tmp_path, test, require_all=True)
    assert strict.returncode != 0
    assert "the moon is full" in strict.stdout


def test_an_expected_failure_is_no_skip(tmp_path: Path) -> None:
    assert run_pytest(tmp_path, EXPECTED_FAILURE, require_all=True).returncode == 0


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
