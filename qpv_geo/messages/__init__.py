"""Every French sentence, by subject: the only place where the project speaks to people.

Used as ``messages.batch.written(...)``; a subject is read when it is first named.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from types import ModuleType

    from qpv_geo.messages import (
        address_errors as address_errors,
    )
    from qpv_geo.messages import (
        addresses as addresses,
    )
    from qpv_geo.messages import (
        batch as batch,
    )
    from qpv_geo.messages import (
        batch_sheets as batch_sheets,
    )
    from qpv_geo.messages import (
        cli as cli,
    )
    from qpv_geo.messages import (
        colours as colours,
    )
    from qpv_geo.messages import (
        download_errors as download_errors,
    )
    from qpv_geo.messages import (
        errors as errors,
    )
    from qpv_geo.messages import (
        fiche as fiche,
    )
    from qpv_geo.messages import (
        geocoder_errors as geocoder_errors,
    )
    from qpv_geo.messages import (
        indicators as indicators,
    )
    from qpv_geo.messages import (
        layer_errors as layer_errors,
    )
    from qpv_geo.messages import (
        maps as maps,
    )
    from qpv_geo.messages import (
        named_places as named_places,
    )
    from qpv_geo.messages import (
        npnru as npnru,
    )
    from qpv_geo.messages import (
        perimeter_errors as perimeter_errors,
    )
    from qpv_geo.messages import (
        perimeters as perimeters,
    )
    from qpv_geo.messages import (
        place_errors as place_errors,
    )
    from qpv_geo.messages import (
        programmes as programmes,
    )
    from qpv_geo.messages import (
        projects as projects,
    )
    from qpv_geo.messages import (
        register as register,
    )
    from qpv_geo.messages import (
        register_errors as register_errors,
    )
    from qpv_geo.messages import (
        register_usage as register_usage,
    )
    from qpv_geo.messages import (
        remedies as remedies,
    )
    from qpv_geo.messages import (
        reports as reports,
    )
    from qpv_geo.messages import (
        row_errors as row_errors,
    )
    from qpv_geo.messages import (
        schemes as schemes,
    )
    from qpv_geo.messages import (
        series as series,
    )
    from qpv_geo.messages import (
        serve as serve,
    )
    from qpv_geo.messages import (
        setup as setup,
    )
    from qpv_geo.messages import (
        sheet_errors as sheet_errors,
    )
    from qpv_geo.messages import (
        sheet_notes as sheet_notes,
    )
    from qpv_geo.messages import (
        table_errors as table_errors,
    )
    from qpv_geo.messages import (
        to_do as to_do,
    )
    from qpv_geo.messages import (
        usage as usage,
    )
    from qpv_geo.messages import (
        verdicts as verdicts,
    )


def __getattr__(subject: str) -> ModuleType:
    """Read a subject."""
    try:
        return import_module(f"{__name__}.{subject}")
    except ModuleNotFoundError as error:
        raise AttributeError(subject) from error
