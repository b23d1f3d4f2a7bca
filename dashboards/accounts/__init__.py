"""Who signs in: sessions, passwords, second step, tokens, the accounts of others, the audit log."""
