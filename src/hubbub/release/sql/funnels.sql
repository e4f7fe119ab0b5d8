-- A unit is in one cell of a funnel, its deepest step in any of its visits, and in at most $bound funnels, least tag of
-- the rows that began them first, 1 in each: squared L2 is $bound.
WITH
deepest AS (
    SELECT d, u, funnel, max(step) AS step, min(tag) AS tag
    FROM reached
    GROUP BY d, u, funnel
)
SELECT d, funnel, step::VARCHAR AS step, count(*) AS n
FROM (
    SELECT d, funnel, step, row_number() OVER (PARTITION BY d, u ORDER BY tag, funnel) AS place
    FROM deepest
)
WHERE place <= $bound
GROUP BY d, funnel, step
