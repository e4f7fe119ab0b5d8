"""Server logs become the same rows as live events: parsed by columns, derived once a distinct value."""
