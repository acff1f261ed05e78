"""The folder with the state of the project: can it be written, is there room, and do processes meet there?"""

from __future__ import annotations

import importlib
import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

from offswitch.model.finding import Finding, Level

ROOM = 500 * 2**20  # bytes
LITTLE = 50 * 2**20  # less, and a large pass may fill the disk
_FAR = frozenset(
    {"nfs", "nfs4", "cifs", "smb3", "smbfs", "9p", "fuse.sshfs", "fuse.s3fs", "fuse.rclone", "glusterfs", "ceph", "afs", "lustre"}
)


def of_home(home: Path) -> Iterator[Finding]:
    """OFFSWITCH_HOME."""
    about = f"OFFSWITCH_HOME={home}"
    place = nearest(home)
    if not os.access(place, os.W_OK | os.X_OK):
        yield Finding(about, Level.TROUBLE, f"{place} can't be written by this user", "give it to the user that runs offswitch")
        return
    if home.is_dir():
        try:
            with tempfile.TemporaryFile(dir=home):
                pass
        except OSError as error:
            yield Finding(
                about, Level.TROUBLE, f"no file can be made there: {error.strerror}", "mend the disk, the mount or the permissions"
            )
            return
    yield Finding(about, Level.FINE, "can be written" if home.is_dir() else "can be made")
    yield room(place)


def room(place: Path) -> Finding:
    """How much the disk still takes."""
    free = shutil.disk_usage(place).free
    said = f"{free / 2**30:,.1f} GB are free"
    if free < LITTLE:
        return Finding("disk", Level.TROUBLE, said, "free some space: a full disk stops sending")
    return Finding("disk", Level.FINE, said) if free >= ROOM else Finding("disk", Level.ADVICE, said, "free some space soon")


def of_traffic(home: Path) -> Iterator[Finding]:
    """What processes of this machine know of the providers: shared, and is a provider being spared?"""
    folder = home / "traffic"
    place = nearest(folder)
    if not os.access(place, os.W_OK | os.X_OK) or (folder.exists() and not folder.is_dir()):
        said = f"{folder} can't be written: each process keeps to the providers' limits by itself, so together they may be too fast"
        yield Finding("shared traffic", Level.ADVICE, said, "make the folder writable for the user that runs offswitch")
        return
    yield Finding("shared traffic", Level.FINE, "the processes of this machine keep to the providers' limits together")
    for name, condition in sorted(importlib.import_module("connectors.http").conditions().items()):
        if condition.position.value != "closed":
            said = f"calls are held since {condition.since:,.0f} s: {condition.why or 'it failed again and again'}"
            yield Finding(f"breaker of {name}", Level.TROUBLE, said, "is the provider down? Calls go on by themselves once it answers")


def nearest(path: Path) -> Path:
    """The path itself, or the nearest folder above it that is there."""
    path = path.absolute()
    while not path.exists():
        path = path.parent
    return path


def far_filesystem(path: Path, mounts: str) -> str:
    """The kind of network file system that a path lies on, by the text of /proc/self/mounts; "" when it is a disk here."""
    place = nearest(path).resolve()
    best, kind = "", ""
    for line in mounts.splitlines():
        parts = line.split()
        where = parts[1].replace("\\040", " ") if len(parts) > 2 else ""
        if where and place.is_relative_to(where) and len(where) >= len(best):
            best, kind = where, parts[2]
    return kind if kind in _FAR else ""
