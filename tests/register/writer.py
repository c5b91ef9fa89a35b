"""Keeps a verdict again and again in the register of the settings, one transaction each, and prints each sequence."""

from __future__ import annotations

import json
import sys

from qpv_geo.register.drafts import Labels
from qpv_geo.register.store import register_of
from qpv_geo.settings import load_settings

if __name__ == "__main__":
    record, who, count = json.loads(sys.argv[1]), sys.argv[2], int(sys.argv[3])
    with register_of(load_settings()) as register:
        for k in range(count):
            [entry] = register.keep([(record, Labels(case=f"{who}-{k}", by=who))])
            sys.stdout.write(f"{entry.sequence}\n")
            sys.stdout.flush()
