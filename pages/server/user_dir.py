"""Where a browser's work lies on disk, and the right of this server alone to write there."""

from __future__ import annotations

from hashlib import sha256
from pathlib import Path

from funnel.core import settings
from pages.server import folders


def folder_of(secret: str) -> Path | None:
    """The folder of whoever is known by this secret, whether it is there or not; None where nothing is kept."""
    root = settings.folder(settings.WORK)
    return None if root is None else root / sha256(secret.encode()).hexdigest()[:32]


def release(secret: str) -> None:
    """Another server may write there from now on."""
    path = folder_of(secret)
    if path is not None:
        folders.release(path)
