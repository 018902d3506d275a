from pathlib import Path

import pytest

from ipcviz.settings import Settings, SettingsError, load, path
from ipcviz.tui.actions import RUN, overridden, wrong_keys


def written(folder: Path, text: str) -> Path:
    file = folder / "config.toml"
    file.write_text(text, encoding="utf-8")
    return file


def test_without_a_file_nothing_is_set(tmp_path: Path) -> None:
    assert load(tmp_path / "config.toml") == Settings()
    assert load(written(tmp_path, "") / "deeper") == Settings()


def test_the_folder_follows_the_environment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    assert path() == tmp_path / "ipcviz" / "config.toml"


def test_what_is_set(tmp_path: Path) -> None:
    text = 'theme = "light"\nglyphs = "plain"\nfps = 5\nmotion = false\n[keys]\nrestart = "ctrl+r"\n'
    assert load(written(tmp_path, text)) == Settings("light", "plain", 5, False, {"restart": "ctrl+r"})


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("theme = ", "is not TOML"),
        ("theme = 'pink'", "Invalid enum value 'pink'"),
        ("colour = 'red'", "unknown field `colour`"),
        ("fps = 0", "fps is 1 to 60, and not 0"),
        ("fps = 'fast'", "Expected `int | null`, got `str`"),
        ("keys = 3", "Expected `object`, got `int`"),
    ],
)
def test_what_cannot_be_is_refused_with_the_file_named(tmp_path: Path, text: str, why: str) -> None:
    file = written(tmp_path, text)
    with pytest.raises(SettingsError) as refused:
        load(file)
    assert str(file) in str(refused.value)
    assert why in str(refused.value)


def test_bytes_that_are_no_text_are_refused(tmp_path: Path) -> None:
    file = tmp_path / "config.toml"
    file.write_bytes(b"\xff\xfe")
    with pytest.raises(SettingsError, match="is not TOML"):
        load(file)


def test_keys_are_overridden_by_the_name_of_the_action() -> None:
    changed = {action.id: action for action in overridden(RUN, {"restart": "f5,ctrl+r"})}
    assert (changed["restart"].keys, changed["restart"].key) == ("f5,ctrl+r", "f5 ctrl+r")
    assert changed["help"] in RUN


def test_keys_that_cannot_be_are_named() -> None:
    assert wrong_keys({}) == ""
    assert wrong_keys({"restart": "ctrl+r"}) == ""
    assert "'restrat', which is no action; did you mean restart" in wrong_keys({"restrat": "R"})
    assert wrong_keys({"restart": "q"}) == (
        "The configuration gives 'q' to restart and leave; one key does one thing."
    )
