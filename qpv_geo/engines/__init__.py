"""Check tables on several machines: thin adapters of existing engines over the batch function of `qpv_geo`."""
