"""Files that are answered in the background: kept on disk, so that none that was accepted is lost."""
