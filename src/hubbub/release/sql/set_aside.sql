-- One unit adds 1 to one cell, and then to no cell of another measure: squared L2 is 1.
SELECT d, count(*) AS n
FROM set_aside_units
GROUP BY d
