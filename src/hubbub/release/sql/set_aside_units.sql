-- Units at rates that no person has, by their own page views and searches alone (`release.portal` says why these).
-- A burst is $burst views with less than $burst_ms between the first and the last: it touches two stretches of $burst_ms
-- at most, so one of them has half of it; only units with such a stretch are put in order.
CREATE TEMP TABLE set_aside_units AS
WITH
dense AS (
    SELECT DISTINCT d, u
    FROM (
        SELECT d, u
        FROM "rows"
        SEMI JOIN (SELECT d, u FROM units WHERE views >= $burst) USING (d, u)
        WHERE kind = 1
        GROUP BY d, u, ms // $burst_ms
        HAVING 2 * count(*) >= $burst
    )
),
spaced AS (
    SELECT d, u, ms - lag(ms, $burst - 1) OVER (PARTITION BY d, u ORDER BY ms) AS took
    FROM "rows"
    SEMI JOIN dense USING (d, u)
    WHERE kind = 1
)
SELECT d, u FROM units WHERE views > $day_views
UNION
SELECT d, u FROM unit_hours WHERE views > $hour_views
UNION
SELECT d, u FROM spaced WHERE took < $burst_ms
UNION
SELECT d, u
FROM "rows"
WHERE kind = 8 OR (kind = 1 AND name <> '')
GROUP BY d, u
HAVING count(DISTINCT name) >= $day_searches
