"""What comes from the keyboard: bytes, of which some are no text."""

from __future__ import annotations

import codecs
from functools import partial

from textual.drivers import linux_driver


def forgive_wrong_bytes() -> None:
    """Leave out what is not UTF-8, as a terminal in Latin-1, a Meta key of eight bits or a bad paste sends.

    Textual decodes strictly, and one such byte would end the program.
    """
    lenient = partial(codecs.getincrementaldecoder("utf-8"), errors="ignore")
    vars(linux_driver)["getincrementaldecoder"] = lambda encoding: lenient
