"""Webhooks: other programs are told that something happened; what happened they ask the API."""
