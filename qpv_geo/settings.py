"""Settings, read from the environment (``QPV_GEO_*``) and passed to whoever needs them."""

from __future__ import annotations

import os
import re
from dataclasses import fields
from pathlib import Path  # noqa: TC003 - pydantic reads the annotation at run time
from typing import Literal, TypeVar
from urllib.parse import urlsplit

from platformdirs import user_data_path
from pydantic import Field, SecretStr, ValidationError, ValidationInfo, field_validator
from pydantic_settings import BaseSettings, SettingsConfigDict
from pydantic_settings.exceptions import SettingsError

from qpv_geo import messages as msg
from qpv_geo.errors import InputError
from qpv_geo.model import Thresholds

NATIONAL_GEOCODER = "https://data.geopf.fr/geocodage"
"""The geocoder of the Géoplateforme."""

NATIONAL_RATE_LIMIT = 50.0
"""Requests per second from one IP address at which the Géoplateforme answers 429 and blocks for 5 s (terms of use)."""


_Model = TypeVar("_Model", bound=BaseSettings)


def _default_home() -> Path:
    return user_data_path("qpv-geo", appauthor=False)


class Settings(BaseSettings):
    """User settings. Each field is read from the environment variable ``QPV_GEO_<FIELD>``.

    Attributes
    ----------
    home
        Folder of downloaded and imported data; by default the platform's user data directory.
    inside_min_share
        Share of the accuracy disc that must be inside for a firm ``inside``.
    outside_max_share
        Share of the accuracy disc that may be inside for a firm ``outside``.
    imprecise_above_m
        Radius of the disc (accuracy plus precision of the perimeters, in metres) above which a doubt is
        ``imprecise_location`` rather than ``near_boundary``.
    geocoders
        Geocoders to query, in order: ``offline`` (installed indexes), ``published`` (places shipped with the project),
        ``national`` (the service).
    perimeters_urls
        Other URLs for the downloads of perimeters, such as a mirror: a JSON object, from the id of the generation.
    ban_url
        URL of the folder of Base Adresse Nationale files, one per département.
    http_timeout_s
        Seconds without a byte after which a remote service counts as stalled.
    http_attempts
        Attempts at a download before it fails.
    geocoder_url
        Base URL of the geocoder: the national one or your own Addok; ``/search`` is appended.
    geocoder_deadline_s
        Time limit in seconds for one search, retries included; a file of addresses gets more, in proportion to its
        rows.
    geocoder_rate_per_s
        Most requests per second to the geocoder; under 50 for the national one, which blocks faster clients.
    register_url
        URL of the PostgreSQL database of the register; by default it is ``register.sqlite`` in the home.
    """

    model_config = SettingsConfigDict(env_prefix="QPV_GEO_", frozen=True, extra="forbid")

    home: Path = Field(default_factory=_default_home)
    inside_min_share: float = Field(default=0.95, gt=0.5, le=1.0)
    outside_max_share: float = Field(default=0.05, ge=0.0, lt=0.5)
    imprecise_above_m: float = Field(default=50.0, gt=0.0)
    geocoders: tuple[Literal["offline", "published", "national"], ...] = ("offline", "published", "national")
    perimeters_urls: tuple[tuple[str, str], ...] = ()
    ban_url: str = "https://adresse.data.gouv.fr/data/ban/adresses/latest/csv"
    http_timeout_s: float = Field(default=20.0, gt=0.0)
    http_attempts: int = Field(default=3, ge=1, le=10)
    geocoder_url: str = NATIONAL_GEOCODER
    geocoder_deadline_s: float = Field(default=30.0, gt=0.0, allow_inf_nan=False)
    geocoder_rate_per_s: float = Field(default=40.0, gt=0.0, allow_inf_nan=False)
    register_url: SecretStr = SecretStr("")

    @field_validator("perimeters_urls", mode="before")
    @classmethod
    def _pairs(cls, value: object) -> object:
        """Return the pairs of an object: settings are keys of caches."""
        return tuple(value.items()) if isinstance(value, dict) else value

    @field_validator("home", mode="before")
    @classmethod
    def _default_home(cls, value: object) -> object:
        return value or _default_home()

    @field_validator("home")
    @classmethod
    def _expand_home(cls, value: Path) -> Path:
        """Return the home, absolute: a job, or a caller that changes folder, must find the same one."""
        try:
            home = value.expanduser().absolute()
        except RuntimeError as error:  # ~nobody
            raise ValueError(value) from error
        if not next(one for one in (home, *home.parents) if one.exists()).is_dir():
            raise ValueError(value)
        return home

    @field_validator("perimeters_urls", mode="before")
    @classmethod
    def _list_pairs(cls, value: object) -> object:
        """Return the pairs of a JSON object: settings are hashed, to cache what depends on them."""
        return tuple(value.items()) if isinstance(value, dict) else value

    @field_validator("geocoder_url")
    @classmethod
    def _check_url(cls, value: str) -> str:
        parts = urlsplit(value.strip())
        if parts.scheme not in {"http", "https"} or not parts.hostname or parts.query or parts.fragment:
            raise ValueError(value)
        return value.strip().rstrip("/")

    @field_validator("geocoder_rate_per_s")
    @classmethod
    def _check_rate(cls, value: float, info: ValidationInfo) -> float:
        if value >= NATIONAL_RATE_LIMIT and is_national_geocoder(info.data.get("geocoder_url", NATIONAL_GEOCODER)):
            raise ValueError(value)
        return value

    @property
    def thresholds(self) -> Thresholds:
        """The thresholds of a verdict."""
        return Thresholds(**{field.name: getattr(self, field.name) for field in fields(Thresholds)})


def is_national_geocoder(url: str) -> bool:
    """Tell whether a URL is on the host of the national geocoder."""
    return urlsplit(url).hostname == urlsplit(NATIONAL_GEOCODER).hostname


def without_user(url: str) -> str:
    """Return a URL without any user and password, as messages show it."""
    return re.sub(r"(?<=//)[^/?#]*@", "", url, count=1)


def load_settings() -> Settings:
    """Read the settings from the environment.

    Raises
    ------
    InputError
        A variable has an invalid value.
    """
    return read_settings(Settings)


def read_settings(model: type[_Model]) -> _Model:
    """Read the settings of a model from the environment.

    Raises
    ------
    InputError
        A variable has an invalid value.
    """
    prefix = str(model.model_config.get("env_prefix", ""))
    try:
        return model()
    except SettingsError as error:
        name = next((field for field in model.model_fields if f'"{field}"' in str(error)), "")
        variable = f"{prefix}{name.upper()}"
        raise InputError(msg.errors.bad_setting(variable, os.environ.get(variable))) from error
    except ValidationError as error:
        first = error.errors()[0]
        name = prefix + str(first["loc"][0]).upper()
        raise InputError(msg.errors.bad_setting(name, first.get("input"))) from error
