"""The data directory: one server at a time, the token, and the file by which clients find a running server."""

import fcntl
import json
import os
import secrets
from collections.abc import Generator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from skill_fleet_common import __version__
from skill_fleet_server.errors import CannotStart

_PRIVATE_FILE: Final = 0o600
_PRIVATE_DIRECTORY: Final = 0o700


class DataDirInUse(CannotStart):
    """Another server has the data directory."""

    code = "data_dir_in_use"
    exit_code = 3


class DataDir:
    """A data directory that this process owns. Made by `owned`."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.token_file = path / "token"
        self.server_file = path / "server.json"
        """`{url, pid, version, started_at, started_with}` of the server that runs, while it listens."""

    def token(self) -> str:
        """The token that was made for this directory, made now if there is none.

        Raises:
            CannotStart: If the file cannot be read or written.
        """
        try:
            kept = self.token_file.read_text(encoding="ascii").strip() if self.token_file.exists() else ""
            if kept:
                self.token_file.chmod(_PRIVATE_FILE)
                return kept
            made = secrets.token_urlsafe(32)
            _write_private(self.token_file, f"{made}\n")
        except (OSError, UnicodeDecodeError) as error:
            raise CannotStart(f"The token file {self.token_file} cannot be used: {error}.") from None
        return made

    @contextmanager
    def announced(self, url: str) -> Generator[None]:
        """Tell clients on this machine where the server listens, for as long as the context lasts."""
        about = {
            "url": url,
            "pid": os.getpid(),
            "version": __version__,
            "started_at": datetime.now(UTC).isoformat(timespec="seconds"),
            "started_with": os.environ.get("SKILL_FLEET_STARTED_WITH", ""),
        }
        _write_private(self.server_file, json.dumps(about) + "\n")
        try:
            yield
        finally:
            self.server_file.unlink(missing_ok=True)


@contextmanager
def owned(path: Path) -> Generator[DataDir]:
    """Make the directory if need be, and keep every other server out of it for as long as the context lasts.

    The lock is the kernel's: it ends with the process, however that ends.

    Raises:
        DataDirInUse: If another server has it; names that server.
        CannotStart: If it cannot be made or written.
    """
    directory = DataDir(path)
    try:
        path.mkdir(mode=_PRIVATE_DIRECTORY, parents=True, exist_ok=True)
        path.chmod(_PRIVATE_DIRECTORY)
        lock = os.open(path / "lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, _PRIVATE_FILE)
    except OSError as error:
        raise CannotStart(
            f"The data directory {path} cannot be used: {error.strerror}. Make it writable, or choose another with "
            "--data-dir or SKILL_FLEET_DATA_DIR."
        ) from None
    try:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            raise DataDirInUse(_who_has(directory, lock)) from None
        os.ftruncate(lock, 0)
        os.write(lock, str(os.getpid()).encode())
        yield directory
    finally:
        os.close(lock)


def _who_has(directory: DataDir, lock: int) -> str:
    pid = os.pread(lock, 20, 0).decode("ascii", "replace").strip() or "unknown"
    return (
        f"Another server (process {pid}{_address(directory, pid)}) uses the data directory {directory.path}. Use that "
        "one, stop it, or choose another directory with --data-dir."
    )


def _address(directory: DataDir, pid: str) -> str:
    """Where that process listens, if its own announcement says so."""
    try:
        about = json.loads(directory.server_file.read_text(encoding="utf-8"))
        return f" at {about['url']}" if str(about["pid"]) == pid else ""
    except (OSError, ValueError, KeyError, TypeError):
        return ""


def _write_private(path: Path, text: str) -> None:
    """Replace a file in one step, so that nobody reads half of it; readable by its owner alone."""
    temporary = path.with_name(f".{path.name}.{os.getpid()}")
    temporary.unlink(missing_ok=True)
    descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, _PRIVATE_FILE)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        file.write(text)
    temporary.replace(path)
