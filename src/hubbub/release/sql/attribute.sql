-- One unit adds 1 to at most one cell: what its first page view says.
SELECT d, {dimension}, count(*) AS n
FROM first_views
GROUP BY d, {dimension}
