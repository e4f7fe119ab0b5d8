"""What is written to people: messages of alerts and reports, as text and as HTML that mail programs show."""
