"""What rules speak about: one file per kind of subject, each with its facts."""
