"""Zips as people make them, and as nobody should."""

import io
import stat
import struct
import zipfile
from collections.abc import Mapping

from tests.unit.library.builders import skill


def made(files: Mapping[str, str | bytes], *, links: tuple[str, ...] = ()) -> io.BytesIO:
    """A zip of these files, some of them links."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        for name, content in files.items():
            info = zipfile.ZipInfo(name)
            info.compress_type = zipfile.ZIP_DEFLATED
            info.external_attr = ((stat.S_IFLNK | 0o777) if name in links else (stat.S_IFREG | 0o644)) << 16
            archive.writestr(info, content)
    return rewound(file)


def of_skills(*paths: str, **texts: str) -> io.BytesIO:
    """A zip with a skill in each of these folders."""
    return made({f"{path}/SKILL.md": skill(path.rpartition("/")[2], taxonomy="") for path in paths} | texts)


def stored(files: Mapping[str, str]) -> io.BytesIO:
    """A zip of these files as they are, not packed."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return rewound(file)


def bomb(size: int) -> io.BytesIO:
    """A skill with a file that says it is small and unpacks to so many bytes."""
    file = made({"bomb/SKILL.md": skill("bomb"), "bomb/assets/a.txt": b"\0" * size})
    raw = bytearray(file.getvalue())
    lie = struct.pack("<L", 10)
    for signature, offset in ((b"PK\x03\x04", 22), (b"PK\x01\x02", 24)):
        at = raw.rfind(signature)
        raw[at + offset : at + offset + 4] = lie
    return io.BytesIO(bytes(raw))


def rewound(file: io.BytesIO) -> io.BytesIO:
    file.seek(0)
    return file
