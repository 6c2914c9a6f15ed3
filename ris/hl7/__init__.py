"""HL7 v2: messages, what comes in over MLLP and what it does, what goes out."""
