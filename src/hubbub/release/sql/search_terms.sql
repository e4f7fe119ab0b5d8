-- What was searched for on the site, told by a search or by a view of its results: at most $bound terms a unit, least
-- tag first, 1 in each: counts of distinct units, squared L2 is $bound.
WITH
mine AS (
    SELECT d, u, name AS term, min(tag) AS tag
    FROM "rows"
    WHERE kind IN (1, 8) AND name <> ''
    GROUP BY d, u, name
)
SELECT d, term, count(*) AS n
FROM (
    SELECT d, term, row_number() OVER (PARTITION BY d, u ORDER BY tag, term) AS place
    FROM mine
)
WHERE place <= $bound
GROUP BY d, term
