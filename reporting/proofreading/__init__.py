"""Reading a report over before it is signed: a wrong side, an organ of the other sex, a "no" against a finding.

Pure: text and facts in, doubts out. What is looked for stands in tables (`lexicon`, `regions`, `rules`), so that a
language or a rule is data and not code. A doubt is a sentence for a person; nothing here changes a report.
"""
