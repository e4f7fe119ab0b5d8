"""What runs by the clock (hours released, days closed, what is overdue destroyed), and who may change what."""
