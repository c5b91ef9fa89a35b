"""French texts: the only place where the project speaks to people."""
