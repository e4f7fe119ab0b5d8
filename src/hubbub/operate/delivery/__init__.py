"""How a message gets to its receiver: by mail, by a signed webhook, or through a service that apprise knows."""
