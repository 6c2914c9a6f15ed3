"""What the archive was asked before: pixels and metadata as files, bounded, named by the archive's own files."""
