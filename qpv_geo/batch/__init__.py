"""Check whole tables: find the columns, answer the rows in blocks, write the file with its answers."""
