"""Action items and their assignees."""
