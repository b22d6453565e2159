"""The pictures, a module for each subject, so that a remix stands beside what it took up."""
