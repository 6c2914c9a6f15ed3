"""HL7's Minimal Lower Layer Protocol, release 1 (chapter on transport specifications, appendix C)."""
