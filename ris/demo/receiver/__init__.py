"""A small system that takes HL7 messages, as a hospital has it: for the demo, and to try a destination out."""
