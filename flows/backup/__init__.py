"""A backup of the database, the files and the proof that they agree; and the way back."""
