"""Orders 点单 and their assignment 下单 by the branch."""
