"""Synthetic bodies as numpy arrays, in millimetres; nothing here knows DICOM."""
