"""Measurements are preliminary until the report on them is signed, and final after: as a new object (PS3.3 C.17.2)."""
