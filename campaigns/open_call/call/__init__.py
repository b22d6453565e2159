"""The call: what everyone reads before they contribute."""
