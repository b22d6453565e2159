"""The installation as a whole: its invariants, what a restored backup cannot know, and who one may be in the sandbox."""
