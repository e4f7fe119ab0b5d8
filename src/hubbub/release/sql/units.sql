-- Units with a page view: how many, and which row is the first one by (ms, tag). Rows of other units are dropped.
CREATE TEMP TABLE units AS
SELECT
    d,
    u,
    count(*) AS views,
    arg_min(rid, (ms::HUGEINT << 64) + tag::HUGEINT) AS first
FROM "rows"
WHERE kind = 1
GROUP BY d, u
