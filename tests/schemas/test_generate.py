"""What is generated for peers in other languages says what the structs say."""

import json
from pathlib import Path

import schemas
from schemas.generate import documents, json_schema, load, main
from schemas.need import Need

HERE = Path(schemas.__file__).parent


def test_every_kind_has_its_schema_its_section_and_its_terms() -> None:
    structs = load()
    files = documents(structs)
    assert set(files) == {
        *(f"json/{kind}.schema.json" for kind in structs),
        "context.jsonld",
        "VOCABULARY.md",
    }
    assert all(f"\n## {kind}\n" in files["VOCABULARY.md"] for kind in structs)
    assert {path.name for path in (HERE / "json").iterdir()} == {f"{kind}.schema.json" for kind in structs}


def test_a_schema_requires_what_the_struct_requires_at_its_path() -> None:
    schema = json_schema(Need)
    assert schema["required"] == ["kind", "publishes"]
    assert schema["properties"]["publishes"]["required"] == ["name", "resourceQuantity"]
    assert schema["properties"]["publishes"]["properties"]["name"]["maxLength"] == 100
    assert json.dumps(schema)


def test_check_is_content_with_what_is_stored() -> None:
    assert main(["--check"]) == 0
