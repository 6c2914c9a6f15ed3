"""HL7 v2 coming in: kept, understood, done by the same actions as the pages, answered."""
