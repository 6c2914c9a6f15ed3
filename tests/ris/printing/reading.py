"""Reading printed papers back with programs that are not ours: poppler and zbar."""

from __future__ import annotations

import subprocess
from pathlib import Path
from tempfile import TemporaryDirectory

DPI = 300
Area = tuple[int, int, int, int]


def barcodes(pdf: bytes, *, within: Area = (0, 0, 300, 300)) -> list[str]:
    """The different Code 128 of each rendered page, page after page, sorted within each.

    `within` is a part of the page in mm: left, top, width, height.
    """
    left, top, width, height = (str(round(value / 25.4 * DPI)) for value in within)
    part = ["-x", left, "-y", top, "-W", width, "-H", height]
    found = []
    with TemporaryDirectory() as folder:
        source = Path(folder, "paper.pdf")
        source.write_bytes(pdf)
        subprocess.run(
            ["pdftoppm", "-r", str(DPI), *part, "-gray", "-png", str(source), str(Path(folder, "page"))], check=True
        )
        for page in sorted(Path(folder).glob("page*.png")):
            scan = ["zbarimg", "--quiet", "--raw", "-Sdisable", "-Scode128.enable", str(page)]
            answer = subprocess.run(scan, capture_output=True, text=True, check=False)
            found += sorted(answer.stdout.split("\n")[:-1])
    return found


def words(pdf: bytes, *, password: str = "") -> str:
    """The text as poppler copies it."""
    command = ["pdftotext", "-layout", *(["-upw", password] if password else []), "-", "-"]
    return subprocess.run(command, input=pdf, capture_output=True, check=True).stdout.decode()


def sizes_mm(pdf: bytes) -> list[tuple[int, int]]:
    """Width and height of each page."""
    command = ["pdfinfo", "-f", "1", "-l", "9999", "-"]
    lines = subprocess.run(command, input=pdf, capture_output=True, check=True).stdout.decode().split("\n")
    pages = [line.split() for line in lines if line.startswith("Page ") and " size:" in line]
    return [(round(float(line[3]) / 72 * 25.4), round(float(line[5]) / 72 * 25.4)) for line in pages]


def fonts(pdf: bytes) -> list[tuple[str, str]]:
    """(name, embedded: yes or no) of each font."""
    out = subprocess.run(["pdffonts", "-"], input=pdf, capture_output=True, check=True).stdout.decode()
    rows = [line.split() for line in out.split("\n")[2:] if line]
    return [(row[0], row[-5]) for row in rows]
