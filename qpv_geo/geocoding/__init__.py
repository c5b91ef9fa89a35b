"""From an address to a location that knows how far it can be trusted: online, offline, in an explicit order."""
