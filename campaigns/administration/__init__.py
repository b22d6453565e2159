"""Administration: what ends or changes across stages: a campaign is canceled, a role ends, a brand changes."""
