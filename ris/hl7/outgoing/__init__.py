"""HL7 v2 going out: what is written to whom, in which order, and what came back (HL7 v2.5.1, chapters 2, 4, 7, 10)."""
