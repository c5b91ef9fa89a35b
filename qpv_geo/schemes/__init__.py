"""Funding and tax schemes: their rules as data, and what these say of a place, a date and an amount."""
