-- One unit adds 1 to one cell: squared L2 is 1.
SELECT d, count(*) AS n
FROM units
GROUP BY d
