"""A simulator of SendGrid, written from the published description of its v3 API."""
