-- While the day runs: a unit's page views in the order of time, while the squares of its hourly counts sum to at most
-- $bound. What is kept of an hour depends on that hour and earlier ones alone, so later hours never change it.
WITH
placed AS (
    SELECT
        d, u, hour, ms, tag,
        row_number() OVER (PARTITION BY d, u, hour ORDER BY ms, tag) AS place
    FROM "rows"
    WHERE kind = 1
),
summed AS (
    SELECT
        d, hour,
        sum(2 * place - 1) OVER (PARTITION BY d, u ORDER BY hour, ms, tag ROWS UNBOUNDED PRECEDING) AS squares
    FROM placed
)
SELECT d, hour::VARCHAR AS hour, count(*) AS n
FROM summed
WHERE squares <= $bound
GROUP BY d, hour
