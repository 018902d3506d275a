from pathlib import Path

import pytest

from ipcviz.settings import Settings, SettingsError, load, path


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
        ("theme = 'pink'", "theme is dark, light or terminal, and not 'pink'."),
        ("theme = 3", "theme is dark, light or terminal, and not 3."),
        ("glyphs = ['ascii']", "glyphs is unicode, plain or ascii, and not ['ascii']."),
        ("colour = 'red'", "there is no setting 'colour'; there are theme, glyphs, fps, motion and [keys]."),
        ("fps = 0", "fps is a whole number from 1 to 60, and not 0."),
        ("fps = true", "fps is a whole number from 1 to 60, and not true."),
        ("fps = 'fast'", "fps is a whole number from 1 to 60, and not 'fast'."),
        ("motion = 'no'", "motion is true or false, and not 'no'."),
        ("keys = 3", 'keys is a table of actions, such as restart = "ctrl+r", and not 3.'),
        ("[keys]\nhelp = 3", '[keys] help is a text such as "ctrl+r" or "x,f5", and not 3.'),
        ("theme = '" + "x" * 500 + "'", "and not '" + "x" * 38 + "…."),
    ],
)
def test_what_cannot_be_is_refused_with_the_file_named(tmp_path: Path, text: str, why: str) -> None:
    file = written(tmp_path, text)
    with pytest.raises(SettingsError) as refused:
        load(file)
    assert str(refused.value).startswith(f"{file}: ")
    assert str(refused.value).endswith(why)


@pytest.mark.parametrize("content", [b"theme = ", b"\xff\xfe"])
def test_what_is_no_toml_is_refused(tmp_path: Path, content: bytes) -> None:
    file = tmp_path / "config.toml"
    file.write_bytes(content)
    with pytest.raises(SettingsError, match="is not TOML"):
        load(file)
