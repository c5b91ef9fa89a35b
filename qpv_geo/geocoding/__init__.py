"""Find the location of an address and how far it can be trusted: online or offline, in an explicit order."""
