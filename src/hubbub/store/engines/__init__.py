"""The engines that run a plan's SQL over a day's rows."""
