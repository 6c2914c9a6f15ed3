"""From plain facts to FHIR R4 resources, one module each. Pure: neither Django nor a socket."""
