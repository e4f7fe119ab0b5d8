-- Events with their declared properties, outlinks, downloads, forms and addresses that were not found. Of events only
-- what is public counts (a filter that looks at the row alone); then at most $bound keys a unit, least tag first.
WITH
acts AS (
    SELECT
        d, u, tag, detail,
        kind = 2 AS is_event,
        CASE kind
            WHEN 2 THEN 'event:' WHEN 4 THEN 'outlink:' WHEN 5 THEN 'download:' WHEN 7 THEN 'form:' ELSE '404:'
        END || name AS key
    FROM "rows"
    WHERE kind IN (2, 4, 5, 6, 7)
),
keyed AS (
    SELECT d, u, tag, is_event, key
    FROM acts
    UNION ALL
    SELECT d, u, tag, is_event, key || ' ' || part
    FROM (
        SELECT d, u, tag, is_event, key, unnest(string_split(detail, chr(31))) AS part
        FROM acts
        WHERE is_event AND detail <> ''
    )
),
mine AS (
    SELECT d, u, key, min(tag) AS tag
    FROM keyed
    WHERE NOT is_event OR key IN (SELECT key FROM public_events)
    GROUP BY d, u, key
)
SELECT d, key AS event, count(*) AS n
FROM (
    SELECT d, key, row_number() OVER (PARTITION BY d, u ORDER BY tag, key) AS place
    FROM mine
)
WHERE place <= $bound
GROUP BY d, key
