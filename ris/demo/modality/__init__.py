"""The simulated modality: a device that speaks DICOM and nothing else.

It knows its AE title, the worklist and the archive. What it writes into an image it was told by the worklist
answer; it never looks at the database. Nothing in here imports Django.
"""
