"""What shows that a person is who their mail says: passkeys, and codes of an app."""
