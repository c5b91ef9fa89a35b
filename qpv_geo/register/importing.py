"""Import an export into a register: what it holds must go on from the chain that is here, entry by entry."""

from __future__ import annotations

from typing import TYPE_CHECKING

from qpv_geo import messages as msg
from qpv_geo.errors import InputError
from qpv_geo.register import schema
from qpv_geo.register.audit import walk
from qpv_geo.register.entry_rows import chain_hashes, insert
from qpv_geo.register.exports import read_export, verify_export

if TYPE_CHECKING:
    from qpv_geo.register.store import Register


def import_export(register: Register, content: bytes, *, name: str) -> int:
    """Append the entries that the register lacks, all or none; return their number.

    A register that does not exist is created as that of the export: its chain is the same, and goes on.

    Raises
    ------
    FormatError
        It is not an export.
    InputError
        It is altered, it does not hold the entries that follow those here, or it is that of another register.
    """
    found = verify_export(content, name=name)
    if not found.intact:
        raise InputError(msg.register_errors.altered_export(name, found.fault or "signature", found.sequence))
    export = read_export(content, name=name)
    if register.database.is_missing_file and not (export.entries and export.entries[0][1].sequence == 1):
        raise InputError(msg.register_errors.partial_export(name, 1))  # before a register is created for it
    with register.database.writing(register_id=export.register) as connection:
        if schema.about(connection)["register"] != export.register:
            raise InputError(msg.register_errors.other_register(name, register.database.name))
        known = chain_hashes(connection)
        new = [entry for _, entry in export.entries if entry.sequence > len(known)]
        for previous, entry in export.entries:
            here = known[entry.sequence - 1] if entry.sequence <= len(known) else entry.chain_hash
            if here != entry.chain_hash:
                raise InputError(msg.register_errors.diverging_export(name, entry.sequence))
            if entry.sequence == len(known) + 1 and known and previous != known[-1]:
                raise InputError(msg.register_errors.diverging_export(name, entry.sequence))
        if [one.sequence for one in new] != list(range(len(known) + 1, len(known) + len(new) + 1)):
            raise InputError(msg.register_errors.partial_export(name, len(known) + 1))
        insert(connection, new)
        fault = walk(connection).fault
        if fault is not None:
            raise InputError(msg.register_errors.altered_export(name, fault.what, fault.sequence))
        return len(new)
