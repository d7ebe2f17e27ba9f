"""A copy of a whole house, and what makes it one that can be trusted: `tree` copies, `checks` looks into what was copied."""
