"""A stand-in for SendGrid, written from the published description of its v3 API."""
