"""Which earlier exams stand beside a case, and in which order."""
