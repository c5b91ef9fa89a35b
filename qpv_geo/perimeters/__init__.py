"""Perimeters: the registry, reading and repairing, the generation in force on a date, downloads and imports."""
