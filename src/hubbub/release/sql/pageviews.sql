-- One unit adds at most $bound to one cell: squared L2 is the square of $bound.
SELECT d, sum(least(views, $bound))::BIGINT AS n
FROM units
GROUP BY d
