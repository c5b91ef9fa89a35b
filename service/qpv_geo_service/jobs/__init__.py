"""Background jobs: files kept on disk, so that no accepted file is lost."""
