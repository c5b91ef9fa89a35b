"""Settings, read from the environment (``QPV_GEO_*``) and passed to whoever needs them."""

from __future__ import annotations

from pathlib import Path  # noqa: TC003 - pydantic reads the annotation at run time

from platformdirs import user_data_path
from pydantic import Field, ValidationError, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from qpv_geo.errors import InputError
from qpv_geo.model import Thresholds
from qpv_geo.texts import errors as say


class Settings(BaseSettings):
    """What a user may set. Every field is also the environment variable ``QPV_GEO_<FIELD>``.

    Attributes
    ----------
    home
        Where downloaded and imported perimeters live; by default the platform's user data directory.
    inside_min_share
        Share of the accuracy disc that must be inside for a firm ``inside``.
    outside_max_share
        Share of the accuracy disc that may be inside for a firm ``outside``.
    imprecise_above_m
        Above this radius in metres a doubt is the location's (``imprecise_location``), not the limit's.
    http_timeout_s
        Seconds without a byte after which a remote service counts as stalled.
    http_attempts
        How many times a download is tried before it fails.
    """

    model_config = SettingsConfigDict(env_prefix="QPV_GEO_", frozen=True, extra="forbid")

    home: Path = Field(default_factory=lambda: user_data_path("qpv-geo", appauthor=False))
    inside_min_share: float = Field(default=0.95, gt=0.5, le=1.0)
    outside_max_share: float = Field(default=0.05, ge=0.0, lt=0.5)
    imprecise_above_m: float = Field(default=50.0, gt=0.0)
    http_timeout_s: float = Field(default=20.0, gt=0.0)
    http_attempts: int = Field(default=3, ge=1, le=10)

    @model_validator(mode="after")
    def _expand_home(self) -> Settings:
        object.__setattr__(self, "home", self.home.expanduser())
        return self

    @property
    def thresholds(self) -> Thresholds:
        """The thresholds of a verdict."""
        return Thresholds(self.inside_min_share, self.outside_max_share, self.imprecise_above_m)


def load_settings() -> Settings:
    """Read the settings from the environment.

    Raises
    ------
    InputError
        A variable holds a value that its field cannot take.
    """
    try:
        return Settings()
    except ValidationError as error:
        first = error.errors()[0]
        name = "QPV_GEO_" + "_".join(str(part) for part in first["loc"]).upper()
        raise InputError(say.bad_setting(name, first.get("input"))) from error
