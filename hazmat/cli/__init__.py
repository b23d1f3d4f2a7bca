"""What the command `hazmat` does: here, and nowhere else, all packages meet."""
