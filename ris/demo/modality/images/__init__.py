"""Study kinds: synthetic bodies dressed as DICOM images, one module for each IOD."""
