"""FHIR R4 at /fhir/: what other systems of the hospital read, and the orders and appointments that they make."""
