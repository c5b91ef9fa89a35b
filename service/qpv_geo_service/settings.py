"""Settings of the service, read from the environment (``QPV_GEO_SERVICE_*``); those of the answers are `qpv_geo`'s."""

from __future__ import annotations

from typing import Literal

from limits import parse_many
from pydantic import Field, SecretStr, field_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from qpv_geo.settings import read_settings

PREFIX = "QPV_GEO_SERVICE_"


class ServiceSettings(BaseSettings):
    """What whoever runs the service may set. Every field is also the variable ``QPV_GEO_SERVICE_<FIELD>``.

    Attributes
    ----------
    host, port, workers
        Where ``qpv serve`` listens, and with how many processes.
    api_keys
        Where there are any, every request under ``/v1`` must bear one in ``X-API-Key``. A JSON list.
    cors_origins
        Origins whose pages may call the service from a browser, none by default. A JSON list.
    rate_limit
        Most requests of one client, such as ``50/second`` or ``50/second;2000/hour``; empty for none. Each worker
        process counts by itself.
    proxy_hops
        How many reverse proxies stand before the service, each of which adds to ``X-Forwarded-For``; with 0 that header
        is not believed.
    max_upload_bytes, max_site_bytes
        Most bytes of a file, and of a GeoJSON site.
    sync_max_bytes, sync_max_rows
        A file with more of either becomes a job.
    job_max_rows
        A job with more rows fails, saying so.
    job_concurrency
        Jobs that run at once, over all the workers.
    job_queue
        Jobs that may wait or run; beyond, files are refused for a while.
    job_retention_s
        Seconds for which a job and its result are kept once it has ended.
    upload_concurrency
        Files that are received or answered at once, by worker.
    threads
        Questions that may wait for something else than this machine's processor at once, by worker.
    request_timeout_s, upload_timeout_s
        Seconds after which a question, and the reception of a body, is given up.
    shutdown_grace_s
        Seconds that what is under way has to end when the service is stopped; a job that needs more goes on when the
        service starts again.
    ready_check_s
        Seconds for which a check of the hashes of the data is believed by ``/ready``.
    log_level
        Least important level that is logged.
    log_hash_key
        Key of the hash by which logs tell clients apart; by default one that nobody knows, drawn at each start.
    """

    model_config = SettingsConfigDict(env_prefix=PREFIX, frozen=True, extra="forbid")

    host: str = "127.0.0.1"
    port: int = Field(default=8000, ge=0, le=65535)
    workers: int = Field(default=1, ge=1, le=64)
    api_keys: tuple[SecretStr, ...] = ()
    cors_origins: tuple[str, ...] = ()
    rate_limit: str = "50/second"
    proxy_hops: int = Field(default=0, ge=0, le=5)
    max_upload_bytes: int = Field(default=50_000_000, gt=0)
    max_site_bytes: int = Field(default=1_000_000, gt=0)
    sync_max_bytes: int = Field(default=500_000, ge=0)
    sync_max_rows: int = Field(default=1_000, ge=0)
    job_max_rows: int = Field(default=500_000, gt=0)
    job_concurrency: int = Field(default=1, ge=1, le=64)
    job_queue: int = Field(default=100, ge=1)
    job_retention_s: float = Field(default=86_400.0, gt=0.0)
    upload_concurrency: int = Field(default=4, ge=1)
    threads: int = Field(default=16, ge=1)
    request_timeout_s: float = Field(default=30.0, gt=0.0)
    upload_timeout_s: float = Field(default=120.0, gt=0.0)
    shutdown_grace_s: float = Field(default=20.0, ge=0.0)
    ready_check_s: float = Field(default=300.0, ge=0.0)
    log_level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = "INFO"
    log_hash_key: SecretStr | None = None

    @field_validator("rate_limit")
    @classmethod
    def _check_rate(cls, value: str) -> str:
        if value.strip():
            parse_many(value)
        return value.strip()


def load_service_settings() -> ServiceSettings:
    """Read the settings from the environment.

    Raises
    ------
    InputError
        A variable holds a value that its field cannot take.
    """
    return read_settings(ServiceSettings)
