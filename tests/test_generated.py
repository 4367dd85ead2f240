"""Files marked GENERATED are what their generator writes today."""

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parent.parent


def test_schemas_contexts_and_vocabulary_are_as_generated() -> None:
    generated = [*(ROOT / "schemas").glob("json/*.json"), *(ROOT / "schemas").glob("*.jsonld")]
    if not (ROOT / "schemas" / "generate.py").exists():
        assert not generated, "files without the generator that wrote them"
        return
    check = subprocess.run(
        [sys.executable, "-m", "schemas.generate", "--check"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert check.returncode == 0, f"run `python -m schemas.generate`:\n{check.stdout}{check.stderr}"
    assert generated
