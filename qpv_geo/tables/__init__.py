"""Tables in files, read and written in blocks so that memory does not grow with rows, and kept exactly as they are."""
