-- Visits of units with a page view. A run ends where nothing happens for longer than $gap ms; a run with a page view
-- is a visit. Engagement prolongs a run and does not begin a visit: time counts from the run's first other row.
-- Rows of one millisecond (of one second, in most logs) are in the order in which they were received.
CREATE TEMP TABLE visits AS
WITH
paused AS (
    SELECT
        d, u, ms, rid, kind, page, engaged_ms,
        coalesce(ms - lag(ms) OVER in_time > $gap, true)::INTEGER AS begins
    FROM "rows"
    SEMI JOIN units USING (d, u)
    WINDOW in_time AS (PARTITION BY d, u ORDER BY ms, rid)
),
runs AS (
    SELECT
        *,
        sum(begins) OVER (PARTITION BY d, u ORDER BY ms, rid ROWS UNBOUNDED PRECEDING) AS run
    FROM paused
),
held AS (
    SELECT
        d, u, run,
        count(*) FILTER (kind = 1) AS views,
        count(*) FILTER (kind IN (2, 4, 5, 7, 8) AND engaged_ms >= 0) AS acts,
        min(ms) AS began_ms,
        min(ms) FILTER (kind <> 3) AS began,
        max(ms) AS ended_ms,
        arg_min(page, (ms::HUGEINT << 64) + rid) FILTER (kind = 1) AS entry,
        arg_max(page, (ms::HUGEINT << 64) + rid) FILTER (kind = 1) AS exit
    FROM runs
    GROUP BY d, u, run
    HAVING views > 0
)
SELECT
    d, u, entry, exit,
    row_number() OVER (PARTITION BY d, u ORDER BY run) AS visit,
    views = 1 AND acts = 0 AS bounces,
    (ended_ms - began) // 1000 AS seconds,
    began_ms, ended_ms
FROM held
