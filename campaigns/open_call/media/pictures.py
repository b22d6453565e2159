"""A picture in the sizes that are shown, with nothing but its pixels.

`python -m campaigns.open_call.media.pictures <source> <folder> <name>:<size>…`
"""

import json
import sys
from pathlib import Path

import pyvips

QUALITY = 82


def resized(source: str, target: Path, size: int) -> dict[str, int]:
    """Write `source` as WebP within `size` × `size` pixels, upright, in sRGB, with no metadata; never enlarged."""
    picture = pyvips.Image.thumbnail(source, size, height=size, size="down", output_profile="srgb", fail_on="error")
    picture.webpsave(str(target), Q=QUALITY, keep="none")
    return {"width": picture.width, "height": picture.height}


if __name__ == "__main__":
    pyvips.block_untrusted_set(True)
    source, folder, *sizes = sys.argv[1:]
    made = {}
    for name, size in (part.split(":") for part in sizes):
        made[name] = resized(source, Path(folder) / name, int(size))
    sys.stdout.write(json.dumps(made))
