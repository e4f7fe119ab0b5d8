-- Units with a page view: how many, and which row is the first one: by time and, within a millisecond, as received.
-- Rows of other units are dropped.
CREATE TEMP TABLE units AS
SELECT
    d,
    u,
    count(*) AS views,
    arg_min(rid, in_order(ms, rid)) AS first
FROM "rows"
WHERE kind = 1
GROUP BY d, u
