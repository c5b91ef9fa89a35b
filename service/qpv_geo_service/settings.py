"""Settings of the service, read from ``QPV_GEO_SERVICE_*``; those that affect verdicts belong to `qpv_geo`."""

from __future__ import annotations

import re
from pathlib import Path  # noqa: TC003 - pydantic reads the annotation at run time
from typing import Literal, NamedTuple
from urllib.parse import urlsplit

from pydantic import Field, SecretStr, field_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from qpv_geo.settings import read_settings

ENVIRONMENT = "QPV_GEO_SERVICE_"
_RATE = re.compile(r"([1-9]\d*)\s*(?:/|per)\s*([1-9]\d*)?\s*(second|minute|hour|day)s?", re.IGNORECASE)
_PREFIX = re.compile(r"(?:/(?!\.{1,2}(?:/|$))[A-Za-z0-9._~-]+)+")
_LONGEST_PREFIX = 200
_SECONDS = {"second": 1, "minute": 60, "hour": 3600, "day": 86_400}


class RateLimit(NamedTuple):
    """At most so many requests in so many seconds."""

    requests: int
    seconds: int


def rate_limits(text: str) -> list[RateLimit]:
    """Read rate limits: ``50/second``, or several as ``50/second;2000/hour``; ``10/5 minutes``.

    Raises
    ------
    ValueError
        One cannot be read.
    """
    found = []
    for part in filter(None, map(str.strip, re.split("[;,|]", text))):
        read = _RATE.fullmatch(part)
        if read is None:
            raise ValueError(part)
        found.append(RateLimit(int(read[1]), int(read[2] or 1) * _SECONDS[read[3].lower()]))
    return found


def path_prefix(text: str) -> str:
    """Return the path prefix of a service without its final slash; empty for the root.

    Raises
    ------
    ValueError
        It is not a path of letters, digits, ``.``, ``_``, ``~`` and ``-`` that begins with a slash.
    """
    prefix = text.strip().rstrip("/")
    if prefix and (len(prefix) > _LONGEST_PREFIX or not _PREFIX.fullmatch(prefix)):
        raise ValueError(text[:_LONGEST_PREFIX])
    return prefix


class ServiceSettings(BaseSettings):
    """Settings of the service; each field is read from the variable ``QPV_GEO_SERVICE_<FIELD>``.

    Attributes
    ----------
    host, port, workers
        Where ``qpv serve`` listens, and with how many processes.
    api_keys
        If set, every request under ``/v1`` except OPTIONS must carry one in ``X-API-Key``. A JSON list.
    register_open
        Whether the register is open without an API key to the users of this machine; refused unless `host` is a
        loopback address and `proxy_hops` is 0.
    cors_origins
        Origins whose pages may call the service from a browser; none by default. A JSON list.
    rate_limit
        Maximum rate per client on ``/v1`` and ``/carte``, such as ``50/second`` or ``50/second;2000/hour``; empty for
        no limit. Each worker process counts separately.
    proxy_hops
        Number of reverse proxies in front of the service, each of which appends to ``X-Forwarded-For``; 0 ignores that
        header and ``X-Forwarded-Prefix``.
    root_path
        Path under which a proxy publishes the service, such as ``/qpv``; by default what a trusted proxy says in
        ``X-Forwarded-Prefix``, else the root.
    max_upload_bytes, max_site_bytes
        Maximum size, in bytes, of an upload, and of any other body such as a GeoJSON site.
    sync_max_bytes, sync_max_rows
        A file that exceeds either becomes a job.
    job_max_rows
        A job with more rows fails and says so.
    job_concurrency
        Jobs that run at once, over all workers.
    job_turn_s
        Seconds after which a job gives way to those that wait, and goes on after them.
    job_queue
        Maximum number of jobs waiting or running; beyond that, new ones are refused.
    job_retention_s
        Seconds for which an ended job and its result are kept.
    upload_concurrency
        Files received or answered at once, per worker.
    threads
        Requests handled in threads at once, per worker; the others wait.
    header_timeout_s, request_timeout_s, upload_timeout_s
        Maximum time to receive the headers of a request, to answer it, and to receive a body, in seconds. Headers that
        are late are answered 408 and the connection is closed.
    shutdown_grace_s
        Seconds given to requests and jobs in progress when the service stops; an unfinished job resumes at the next
        start.
    ready_check_s
        Seconds for which ``/ready`` reuses its last check of the hashes of the data.
    tiles
        Background of the page's maps: ``ign`` for the IGN Plan, which browsers then ask of ``data.geopf.fr`` for the
        area viewed, or ``none``.
    projects
        Table of funded projects shown by ``/carte``; by default the published examples, ``fiq-2024`` and ``loos-2024``.
    contact
        Whom to ask for a town that is not installed, as the pages say it: a service, a telephone number.
    public_url
        Address of the page for those who read a fiche, such as ``https://qpv.ville.fr``, to which its link leads; by
        default a fiche has no link.
    log_level
        Lowest level that is logged.
    log_hash_key
        Key of the hash of client addresses in the logs; by default a random one for each process.
    """

    model_config = SettingsConfigDict(env_prefix=ENVIRONMENT, frozen=True, extra="forbid")

    host: str = "127.0.0.1"
    port: int = Field(default=8000, ge=0, le=65535)
    workers: int = Field(default=1, ge=1, le=64)
    api_keys: tuple[SecretStr, ...] = ()
    register_open: bool = False
    cors_origins: tuple[str, ...] = ()
    rate_limit: str = "50/second"
    proxy_hops: int = Field(default=0, ge=0, le=5)
    root_path: str = ""
    max_upload_bytes: int = Field(default=50_000_000, gt=0)
    max_site_bytes: int = Field(default=1_000_000, gt=0)
    sync_max_bytes: int = Field(default=500_000, ge=0)
    sync_max_rows: int = Field(default=1_000, ge=0)
    job_max_rows: int = Field(default=500_000, gt=0)
    job_concurrency: int = Field(default=1, ge=1, le=64)
    job_turn_s: float = Field(default=60.0, ge=0.0)
    job_queue: int = Field(default=100, ge=1)
    job_retention_s: float = Field(default=86_400.0, gt=0.0)
    upload_concurrency: int = Field(default=4, ge=1)
    threads: int = Field(default=16, ge=1)
    header_timeout_s: float = Field(default=10.0, gt=0.0)
    request_timeout_s: float = Field(default=30.0, gt=0.0)
    upload_timeout_s: float = Field(default=120.0, gt=0.0)
    shutdown_grace_s: float = Field(default=20.0, ge=0.0)
    ready_check_s: float = Field(default=300.0, ge=0.0)
    tiles: Literal["ign", "none"] = "ign"
    projects: Path | None = None
    contact: str = Field(default="", max_length=200)
    public_url: str = Field(default="", max_length=500)
    log_level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = "INFO"
    log_hash_key: SecretStr | None = None

    @field_validator("root_path")
    @classmethod
    def _check_root_path(cls, value: str) -> str:
        return path_prefix(value)

    @field_validator("public_url")
    @classmethod
    def _check_public_url(cls, value: str) -> str:
        if value and not (urlsplit(value).scheme in {"http", "https"} and urlsplit(value).netloc):
            raise ValueError(value)
        return value.rstrip("/")

    @field_validator("projects")
    @classmethod
    def _check_projects(cls, value: Path | None) -> Path | None:
        if value is not None and not value.expanduser().is_file():
            raise ValueError(value)
        return value and value.expanduser().absolute()

    @field_validator("rate_limit")
    @classmethod
    def _check_rate(cls, value: str) -> str:
        if value.strip():
            rate_limits(value)
        return value.strip()


def load_service_settings() -> ServiceSettings:
    """Read the settings from the environment.

    Raises
    ------
    InputError
        A variable has an invalid value.
    """
    return read_settings(ServiceSettings)
