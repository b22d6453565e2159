"""Count the pages of a PDF, in a process of its own: `python -m campaigns.open_call.media.paper <path>`.

Prints {"fault": null, "pages": …}, or as fault `damaged` where it cannot be opened to its last page, and `locked` where it has a password.
"""

import json
import sys
from itertools import islice
from typing import Any

# Of more nobody asks how many they are.
MOST_COUNTED = 1_000


def read(path: str) -> dict[str, Any]:
    """What is wrong with the PDF, if anything is, and how many pages it has, as far as they are counted."""
    from pypdf import PdfReader
    from pypdf.errors import PyPdfError

    try:
        paper = PdfReader(path)
        if paper.is_encrypted:
            return {"fault": "locked", "pages": 0}
        pages = sum(1 for page in islice(paper.pages, MOST_COUNTED) if page.mediabox)
    except (PyPdfError, ValueError, TypeError, KeyError, AttributeError, IndexError, RecursionError):
        return {"fault": "damaged", "pages": 0}
    return {"fault": None if pages else "damaged", "pages": pages}


if __name__ == "__main__":
    sys.stdout.write(json.dumps(read(sys.argv[1])))
