"""The simulated city of `hubbub demo`: who lives there, what they read, what happened, and a light live stream."""
