"""What an alert is called and why it was raised; the inbox, an alert's page and its handling."""
