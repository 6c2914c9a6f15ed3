"""Dashboards: how long each stage takes, how much is done, who did not come, how rooms are used; from the event log."""
