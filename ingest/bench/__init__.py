"""`hazmat bench flow`: what the flow carries on this machine, and where its time goes."""
