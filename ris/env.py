"""Reading the environment: unparsable values are ImproperlyConfigured; `NAME_FILE` names a file that holds a secret."""

from __future__ import annotations

import contextlib
import os
import secrets
from pathlib import Path
from typing import Any

import dj_email_url
from django.core.exceptions import ImproperlyConfigured

SHORTEST = 16
TRUE = frozenset({"1", "true", "yes", "on"})
FALSE = frozenset({"0", "false", "no", "off", ""})
# Every variable that a secret was looked for in, for those who start foreign programs.
SECRETS: set[str] = set()


def text(name: str, default: str = "") -> str:
    return os.environ.get(name, default)


def flag(name: str, *, default: bool = False) -> bool:
    """A yes or no; anything else refuses to start."""
    value = os.environ.get(name)
    if value is None:
        return default
    if value.lower() in TRUE:
        return True
    if value.lower() in FALSE:
        return False
    raise ImproperlyConfigured(f"{name} must be true or false, not {value!r}.")


def number(name: str, default: int) -> int:
    value = os.environ.get(name)
    if value is None:
        return default
    try:
        return int(value)
    except ValueError:
        raise ImproperlyConfigured(f"{name} must be a whole number, not {value!r}.") from None


def listing(name: str, default: str = "") -> list[str]:
    return [item.strip() for item in os.environ.get(name, default).split(",") if item.strip()]


def fonts(name: str, *usual: str) -> tuple[Path, ...]:
    """The font files that NAME lists, each of which must exist; without NAME the usual ones, where installed."""
    chosen = [Path(item) for item in listing(name)]
    for path in chosen:
        if not path.is_file():
            raise ImproperlyConfigured(f"{name}: there is no file {path}.")
    return tuple(chosen) if name in os.environ else tuple(path for path in map(Path, usual) if path.is_file())


def choice(name: str, options: tuple[str, ...]) -> str:
    """One of the options; the first is the default."""
    value = os.environ.get(name, options[0])
    if value not in options:
        raise ImproperlyConfigured(f"{name} must be one of {', '.join(options)}, not {value!r}.")
    return value


def secret(name: str, default: str = "") -> str:
    """The value of NAME, or the content of the file that NAME_FILE names."""
    SECRETS.update((name, f"{name}_FILE"))
    path = os.environ.get(f"{name}_FILE")
    if path is None:
        return os.environ.get(name, default)
    try:
        return Path(path).read_text(encoding="utf-8").strip()
    except OSError as error:
        raise ImproperlyConfigured(f"{name}_FILE cannot be read: {error.strerror}.") from None


def secrets_of(name: str, default: str = "") -> tuple[str, ...]:
    """Several secrets parted by commas, each of at least 16 characters."""
    found = tuple(item.strip() for item in secret(name, default).split(",") if item.strip())
    if any(len(item) < SHORTEST for item in found):
        raise ImproperlyConfigured(f"{name} needs secrets of at least {SHORTEST} characters, parted by commas.")
    return found


def kept_secret(file: Path) -> str:
    """The secret of a file that only its owner can read; made on first need, and by one process only."""
    try:
        if not file.exists():
            file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            _make_secret(file)
        kept = file.read_text(encoding="ascii").strip()
    except OSError as error:
        raise ImproperlyConfigured(f"{file} cannot be used: {error.strerror}. Set SECRET_KEY instead.") from None
    if not kept:
        raise ImproperlyConfigured(f"{file} is empty. Remove it, or set SECRET_KEY.")
    return kept


def _make_secret(file: Path) -> None:
    draft = file.with_name(f".{file.name}.{os.getpid()}")
    with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="ascii") as output:
        output.write(secrets.token_urlsafe(48))
        output.flush()
        os.fsync(output.fileno())
    with contextlib.suppress(FileExistsError):  # another process was first: its secret counts
        file.hardlink_to(draft)
    draft.unlink()


def mail_server(name: str) -> dict[str, Any]:
    """Django's EMAIL_ settings from an address such as submission://user:password@host; empty when it is not set."""
    value = secret(name)
    found: dict[str, Any] = dj_email_url.parse(value) if value else {}
    if value and "EMAIL_BACKEND" not in found:
        # The address holds a password: it is not repeated here.
        raise ImproperlyConfigured(f"{name} must look like submission://user:password@host or smtp://host:25.")
    return found
