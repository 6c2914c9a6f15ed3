"""Isocenter: the radiology information system."""

from ris.celery import app as celery_app

__all__ = ["celery_app"]
