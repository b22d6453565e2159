"""The settings, and what is said of them."""

import re
from pathlib import Path

from campaigns.core.settings import Settings

EXAMPLE = Path(__file__).parents[3] / ".env.example"


def test_the_example_lists_every_setting_and_no_other() -> None:
    settings = {str(field.validation_alias or f"CALLBOARD_{name.upper()}") for name, field in Settings.model_fields.items()}
    assert set(re.findall(r"^# ([A-Z_]+)=", EXAMPLE.read_text(), re.MULTILINE)) == settings
