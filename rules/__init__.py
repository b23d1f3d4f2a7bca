"""What is a breach, for how long, and who hears of it: one breach a file, one ordered list of all."""
