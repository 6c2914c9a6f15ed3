"""How the RIS learns of studies that nobody told it of: it reads the archive's change feed, or asks by QIDO."""
