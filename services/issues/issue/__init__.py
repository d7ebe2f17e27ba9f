"""An issue from submission to closing, and each way in which it can leave the straight path."""
