-- Views of the day's listed pages in the order of their tags, while the squares of a unit's counts by page sum to at
-- most $bound (see pageviews_hour.sql). Units within the bound keep all of theirs.
WITH
mine AS (
    SELECT d, u, page, views
    FROM unit_pages
    SEMI JOIN day_pages USING (d, page)
),
over AS (
    SELECT d, u
    FROM mine
    GROUP BY d, u
    HAVING sum(views * views) > $bound
),
placed AS (
    SELECT
        d, u, page, tag, rid,
        row_number() OVER (PARTITION BY d, u, page ORDER BY tag, rid) AS place
    FROM "rows"
    SEMI JOIN over USING (d, u)
    SEMI JOIN day_pages USING (d, page)
    WHERE kind = 1
),
summed AS (
    SELECT
        d, page,
        sum(2 * place - 1) OVER (PARTITION BY d, u ORDER BY tag, rid ROWS UNBOUNDED PRECEDING) AS squares
    FROM placed
),
kept AS (
    SELECT d, page, 1 AS views FROM summed WHERE squares <= $bound
    UNION ALL
    SELECT d, page, views FROM mine ANTI JOIN over USING (d, u)
)
SELECT d, page, sum(views)::BIGINT AS n
FROM kept
GROUP BY d, page
