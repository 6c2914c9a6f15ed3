"""A study whose objects must carry another patient, or another accession number, at the archive: see `actions`."""
