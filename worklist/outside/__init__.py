"""Studies from outside: brought on a disc, in a ZIP or a folder, looked at, given to a patient of ours; and export."""
