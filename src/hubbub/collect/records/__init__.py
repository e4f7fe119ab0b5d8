"""Rows of declared tables: CSV and Parquet files become clean rows of the table's local days."""
