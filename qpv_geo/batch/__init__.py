"""A whole table at once: its columns found, its rows answered in blocks, its file written without losing anything."""
