"""Changing a few elements of a DICOM file and nothing else: every other byte is copied as it stands."""

from ris.dicom.rewriting.elements import CannotRewrite, Syntax
from ris.dicom.rewriting.nested import renamed
from ris.dicom.rewriting.splicing import Element, Head, head, splice, untouched

__all__ = ["CannotRewrite", "Element", "Head", "Syntax", "head", "renamed", "splice", "untouched"]
