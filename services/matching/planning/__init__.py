"""The question to the planner."""
