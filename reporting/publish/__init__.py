"""What leaves for the archive: the signed report as a DICOM object."""
