"""For tests: a recorded log as a pytest fixture."""
