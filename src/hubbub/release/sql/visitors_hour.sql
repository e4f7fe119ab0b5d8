-- One unit adds 1 to at most $bound cells, its first hours: squared L2 is $bound.
SELECT d, hour::VARCHAR AS hour, count(*) AS n
FROM (
    SELECT d, hour, row_number() OVER (PARTITION BY d, u ORDER BY hour) AS place
    FROM unit_hours
)
WHERE place <= $bound
GROUP BY d, hour
