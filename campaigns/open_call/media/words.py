"""A text as safe HTML, without what its file says beside its words.

`python -m campaigns.open_call.media.words <markdown: yes or no> <source> <target> <its makers' names, as JSON>`
"""

import json
import re
import sys
from collections.abc import Mapping
from html import escape, unescape
from pathlib import Path

import nh3
from markdown_it import MarkdownIt

from campaigns.open_call.media.blot import blotted

TAGS = {"p", "br", "h1", "h2", "h3", "h4", "h5", "h6", "em", "strong", "blockquote", "ul", "ol", "li", "hr", "pre", "code"}
WORD = re.compile(r"\w+(?:[’'\-]\w+)*")
FRONT_MATTER = re.compile(r"\A---\n.*?\n---\n", re.DOTALL)
COMMENT = re.compile(r"<!--.*?(-->|\Z)", re.DOTALL)


def rendered(text: str, *, markdown: bool) -> str:
    """The text as HTML of a few harmless tags; links lose their address, pictures and comments go, for they can name the maker."""
    if markdown:
        bare = COMMENT.sub("", FRONT_MATTER.sub("", text))
        html = MarkdownIt("commonmark", {"html": False}).render(bare)
    else:
        paragraphs = re.split(r"\n\s*\n", text.strip())
        html = "\n".join(f"<p>{escape(p, quote=False).replace(chr(10), '<br>' + chr(10))}</p>" for p in paragraphs)
    return nh3.clean(html, tags=TAGS, attributes={})


def words_in(html: str) -> int:
    """How many words its readers read."""
    return len(WORD.findall(unescape(nh3.clean(html, tags=set()))))


def main(markdown: str, source: str, target: str, makers: str) -> Mapping[str, int]:
    """Write the text in the file `source` as HTML to `target`; the arguments are those of the command."""
    text = Path(source).read_text("utf-8-sig").replace("\r\n", "\n").replace("\r", "\n")
    html = rendered(blotted(text, json.loads(makers)), markdown=markdown == "yes")
    Path(target).write_text(html, "utf-8")
    return {"words": words_in(html)}


if __name__ == "__main__":
    sys.stdout.write(json.dumps(main(*sys.argv[1:])))
