"""The protocols in which trackers, servers and apps speak: each file turns a request into hits, and nothing else."""
