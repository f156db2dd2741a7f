"""The environment, read once."""

from pathlib import Path

import pytest

from core.errors import ConfigurationError
from core.postgres import private_postgres
from core.settings import Settings


def test_defaults() -> None:
    """Nothing needs to be set, and what is set to nothing is not set."""
    expected = Settings(home=Path.cwd() / ".agio", port=8800, database_url=None)
    assert Settings.from_environment({}) == expected
    assert Settings.from_environment({"AGIO_HOME": "", "AGIO_PORT": "", "DATABASE_URL": ""}) == expected


def test_everything_can_be_set(monkeypatch: pytest.MonkeyPatch) -> None:
    """A home may be relative or begin with the user's own folder; it becomes absolute."""
    monkeypatch.setenv("HOME", "/somebody")
    given = {"AGIO_HOME": "~/agio", "AGIO_PORT": "65535", "DATABASE_URL": "postgresql://localhost/agio"}
    assert Settings.from_environment(given) == Settings(
        home=Path("/somebody/agio"), port=65535, database_url="postgresql://localhost/agio"
    )
    assert Settings.from_environment({"AGIO_HOME": "here"}).home == Path.cwd() / "here"


@pytest.mark.parametrize("port", ["0", "65536", "-1", "80.0", "http", "８８００", " 80"])
def test_a_port_is_a_number_that_a_port_can_have(port: str) -> None:
    """Anything else is refused, and said back."""
    with pytest.raises(ConfigurationError, match="AGIO_PORT must be a number from 1 to 65535"):
        Settings.from_environment({"AGIO_PORT": port})


@pytest.mark.parametrize("inside", ["", "home", "far/below"])
def test_a_home_is_no_file_and_in_no_file(tmp_path: Path, inside: str) -> None:
    """The sentence names the variable and the file."""
    (tmp_path / "file").touch()
    with pytest.raises(ConfigurationError, match=rf"^AGIO_HOME must be a folder, but {tmp_path / 'file'} is a file$"):
        Settings.from_environment({"AGIO_HOME": str(tmp_path / "file" / inside)})


def test_a_home_on_two_lines() -> None:
    """PostgreSQL writes its folder into files of lines."""
    with pytest.raises(ConfigurationError, match=r"^AGIO_HOME must be the path of a folder, on one line, not 'a.nb'$"):
        Settings.from_environment({"AGIO_HOME": "a\nb"})


@pytest.mark.parametrize("home", ["/proc/agio", "/dev/null/agio", "/tmp/" + "a" * 300])  # noqa: S108 - nothing is made
def test_a_home_that_cannot_be(home: str) -> None:
    """One sentence, which names the variable."""
    with pytest.raises(ConfigurationError, match=r"^AGIO_HOME cannot be "), private_postgres(Path(home)):
        pass
