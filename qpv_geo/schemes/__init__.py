"""Funding and tax schemes: their rules as data, and their evaluation for a place, a date and an amount."""
