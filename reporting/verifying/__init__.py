"""Signed reports proven again, from what is kept of them: content, chain, signature, PDF, archive object."""

from reporting.verifying.report import Depth, faults_of

__all__ = ["Depth", "faults_of"]
