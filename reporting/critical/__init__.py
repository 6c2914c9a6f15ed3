"""Critical results: who was told what, when, how, and whether they read it back; and who is told when nobody was.

Categories after the ACR Actionable Reporting Work Group (Larson et al., J Am Coll Radiol 2014,
doi:10.1016/j.jacr.2014.01.016): within minutes, within hours, within days. A finding is flagged from any state of a
report, and no signature waits for it.
"""
