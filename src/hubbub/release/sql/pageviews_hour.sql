-- A unit's page views in the order of their tags, while the squares of its hourly counts sum to at most $bound.
-- The k-th view of an hour raises its square by 2k - 1, so the running sum of those is the sum of squares.
-- Units within the bound keep all of theirs; only the others are put in order.
WITH
over AS (
    SELECT d, u
    FROM unit_hours
    GROUP BY d, u
    HAVING sum(views * views) > $bound
),
placed AS (
    SELECT
        d, u, hour, tag, rid,
        row_number() OVER (PARTITION BY d, u, hour ORDER BY tag, rid) AS place
    FROM "rows"
    SEMI JOIN over USING (d, u)
    WHERE kind = 1
),
summed AS (
    SELECT
        d, hour,
        sum(2 * place - 1) OVER (PARTITION BY d, u ORDER BY tag, rid ROWS UNBOUNDED PRECEDING) AS squares
    FROM placed
),
kept AS (
    SELECT d, hour, 1 AS views FROM summed WHERE squares <= $bound
    UNION ALL
    SELECT d, hour, views FROM unit_hours ANTI JOIN over USING (d, u)
)
SELECT d, hour::VARCHAR AS hour, sum(views)::BIGINT AS n
FROM kept
GROUP BY d, hour
