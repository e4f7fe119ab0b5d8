"""Targets: what a city aims for, held against released numbers and what is to be expected of them."""
