"""Whether the server's clock is right, by a time server of the house: signatures say when they were made."""
