"""Download the addresses of a département from the Base Adresse Nationale."""

from __future__ import annotations

import re
import tempfile
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING

from qpv_geo import messages as msg
from qpv_geo.errors import FormatError, InputError, RemoteError
from qpv_geo.http import DOWNLOADS, Client, modified_on, silent

if TYPE_CHECKING:
    from qpv_geo.connections import Progress
    from qpv_geo.geocoding.store import AddressStore, IndexStatus
    from qpv_geo.http import Limits
    from qpv_geo.settings import Settings

_DEPARTMENT = re.compile(r"0[1-9]|1[0-9]|2[1-9AB]|[3-8][0-9]|9[0-5]|97[1-8]|98[678]")


ADDRESSES, LOCALITIES = "adresses", "lieux-dits"
"""The two files of a département: numbers of streets, and named places without numbers."""

_FILES = {ADDRESSES: "adresses-{}.csv.gz", LOCALITIES: "lieux-dits-{}-beta.csv.gz"}
"""Their names in ``ban_url``."""


def department_code(text: str) -> str:
    """Return the code of a département as it is written, such as ``2A``.

    Raises
    ------
    InputError
        Not the code of a département.
    """
    code = text.strip().upper()
    if not _DEPARTMENT.fullmatch(code):
        raise InputError(msg.address_errors.bad_department(text))
    return code


def index_of(code: str, kind: str) -> str:
    """Return the id of the index of a file of a département."""
    return code.lower() if kind == ADDRESSES else f"{kind}-{code.lower()}"


def fetch(  # noqa: PLR0913 - what to fetch, and where to; the rest has defaults
    department: str,
    store: AddressStore,
    settings: Settings,
    *,
    kind: str = ADDRESSES,
    progress: Progress = silent,
    limits: Limits = DOWNLOADS,
) -> IndexStatus:
    """Download the addresses or the lieux-dits of a département, and install them.

    The Base Adresse Nationale publishes no hashes, and its files change every week: the index keeps the file's own hash
    and the date that the server gives.

    Parameters
    ----------
    department
        Its code, such as ``86`` or ``2A``.
    store
        Where to install the index; any previous one is replaced atomically.
    settings
        ``ban_url`` is the folder of the files.
    kind
        `ADDRESSES` or `LOCALITIES`.
    progress
        Called with the bytes received so far and the total, if known.
    limits
        Limits on size and waits.

    Raises
    ------
    InputError
        Not the code of a département.
    RemoteError
        The file could not be downloaded, or is not an address file.
    """
    code = department_code(department)
    name = _FILES[kind].format(code)
    url = f"{settings.ban_url.rstrip('/')}/{name}"
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / name
        with (
            path.open("wb") as stream,
            closing(Client(settings, msg.download_errors, limits, redirects=True)) as client,
        ):
            edition = modified_on(client.receive(url, stream, progress=progress))
        try:
            return store.import_file(path, index_id=index_of(code, kind), source=url, edition=edition)
        except (FormatError, InputError) as error:
            raise RemoteError(msg.errors.remote_unusable(url, str(error))) from error
