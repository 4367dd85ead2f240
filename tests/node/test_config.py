"""Settings: one declaration; what is misspelt or impossible is refused by name."""

from pathlib import Path

import pytest

from node.config import Config, GivingSettings, example, first_config, load, render, settings
from node.errors import SetupError

ROOT = Path(__file__).parents[2]


def written(directory: Path, text: str) -> Path:
    (directory / "minga.toml").write_text(text, encoding="utf-8")
    return directory


def test_the_example_file_is_what_the_declaration_says():
    assert (ROOT / "deploy/minga.toml.example").read_text(encoding="utf-8") == example()


def test_every_setting_has_a_help_text():
    assert [each.name for each in settings() if not each.help] == []


def test_a_rendered_file_loads_to_the_same_settings(tmp_path):
    config = first_config("http://127.0.0.1:8123")

    assert load(written(tmp_path, render(config))) == config


def test_a_trial_on_loopback_allows_its_own_address_only():
    assert first_config("http://127.0.0.1:8000").federation.allow_networks == ("127.0.0.1/32",)
    assert first_config("https://olla.example").federation.allow_networks == ()


@pytest.mark.parametrize(
    "text",
    ["[federation]\nsecure_mod = true", "[federaton]\nsecure_mode = true", "aprove = true", "federation = 1"],
)
def test_a_misspelt_setting_is_refused_by_name(tmp_path, text):
    with pytest.raises(SetupError) as refused:
        load(written(tmp_path, 'origin = "https://olla.example"\n' + text))

    assert any(name in refused.value.public for name in ("secure_mod", "federaton", "aprove", "federation"))


def test_several_collectives_have_each_its_own_way_to_give(tmp_path):
    own = '[giving]\ncontact = "a"\n[giving.Olla]\ncontact = "b"\n[giving.fondo]\ndetails = ["c"]'
    config = load(written(tmp_path, 'origin = "https://olla.example"\n' + own))

    assert config.giving_of("olla", 2).contact == "b"
    assert config.giving_of("fondo", 2) == GivingSettings(details=("c",))
    assert config.giving_of("otra", 2) == GivingSettings()
    assert config.giving_of("otra", 1).contact == "a"
    assert load(written(tmp_path, render(config))) == config


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("[giving.fondo]\ndetail = []", "giving.detail"),
        ('[giving.fondo]\niban = "CL00"', r"\[giving.fondo\].*IBAN"),
    ],
)
def test_a_mistaken_way_to_give_names_its_collective(tmp_path, text, named):
    with pytest.raises(SetupError, match=named):
        load(written(tmp_path, 'origin = "https://olla.example"\n' + text))


def test_a_misspelt_setting_gets_a_suggestion(tmp_path):
    with pytest.raises(SetupError) as refused:
        load(written(tmp_path, 'origin = "https://olla.example"\n[federation]\nsecure_mod = true'))

    assert "federation.secure_mode" in refused.value.hint


def test_a_value_of_the_wrong_type_names_its_setting(tmp_path):
    with pytest.raises(SetupError, match=r"limits\.tags"):
        load(written(tmp_path, 'origin = "https://olla.example"\n[limits]\ntags = "many"'))


def test_environment_and_flags_come_over_the_file(tmp_path):
    written(tmp_path, 'origin = "https://olla.example"\nbind = "127.0.0.1:1"')
    environ = {"MINGA_BIND": "127.0.0.1:2", "MINGA_FEDERATION_SECURE_MODE": "true"}

    config = load(
        tmp_path, environ, {"bind": "127.0.0.1:3", "federation.allow_networks": "10.0.0.0/8, ::1/128"}
    )

    assert config.bind == "127.0.0.1:3"
    assert config.federation.secure_mode is True
    assert config.federation.allow_networks == ("10.0.0.0/8", "::1/128")


def test_a_bad_variable_is_named(tmp_path):
    written(tmp_path, 'origin = "https://olla.example"')

    with pytest.raises(SetupError, match="MINGA_LIMITS_RECIPIENTS"):
        load(tmp_path, {"MINGA_LIMITS_RECIPIENTS": "x"})


def test_a_directory_without_a_node_says_how_to_make_one(tmp_path):
    with pytest.raises(SetupError) as refused:
        load(tmp_path)

    assert "minga init" in refused.value.hint


@pytest.mark.parametrize(
    "origin",
    [
        "olla.example",
        "https://olla.example/path",
        "http://olla.example",
        "https://user@olla.example",
        "https://olla.example:99999",
        "ftp://olla.example",
        "https://",
        "https://ñandú.example",
    ],
)
def test_an_origin_that_others_could_not_reach_is_refused(origin):
    with pytest.raises(SetupError, match="origin"):
        first_config(origin)


def test_an_origin_is_kept_in_one_spelling():
    assert first_config("HTTPS://Olla.Example:443/").origin == "https://olla.example"


@pytest.mark.parametrize(
    ("section", "value"),
    [
        ("federation", 'allow_networks = ["everything"]'),
        ("federation", 'proxy = "tor"'),
        ("federation", "delivery_jitter_seconds = -1"),
        ("limits", "redirects = 0"),
    ],
)
def test_an_impossible_value_is_refused(tmp_path, section, value):
    with pytest.raises(SetupError, match=section):
        load(written(tmp_path, f'origin = "https://olla.example"\n[{section}]\n{value}'))


def test_a_bind_address_without_a_port_is_refused(tmp_path):
    with pytest.raises(SetupError, match="HOST:PORT"):
        load(written(tmp_path, 'origin = "https://olla.example"\nbind = "localhost"'))


def test_settings_are_frozen():
    with pytest.raises(AttributeError):
        Config(origin="https://olla.example").bind = "0.0.0.0:80"  # type: ignore[misc]
