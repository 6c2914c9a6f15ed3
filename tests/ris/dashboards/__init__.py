"""Dashboards from the event log."""
