"""The version, read by the build and written in every verdict."""

__version__ = "0.2.0"
