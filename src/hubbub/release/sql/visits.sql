-- Visits of units with a page view. A run ends where nothing happens for longer than $gap ms; a run with a page view
-- is a visit. Engagement prolongs a run and does not begin a visit: time counts from the run's first other row.
-- Rows of one millisecond (of one second, in most logs) are in the order in which they were received.
-- Rows of one stretch of $gap ms of the clock are in one run, so pauses are looked for between stretches alone: there are
-- far fewer of them than rows to be put in order.
CREATE TEMP TABLE visits AS
WITH
stretches AS (
    SELECT
        d, u, ms // $gap AS stretch,
        count(*) FILTER (kind = 1) AS views,
        count(*) FILTER (kind IN (2, 4, 5, 7, 8) AND engaged_ms >= 0) AS acts,
        min(ms) AS began_ms,
        min(ms) FILTER (kind <> 3) AS began,
        max(ms) AS ended_ms,
        arg_min(page, in_order(ms, rid)) FILTER (kind = 1) AS entry,
        arg_max(page, in_order(ms, rid)) FILTER (kind = 1) AS exit
    FROM "rows"
    SEMI JOIN units USING (d, u)
    GROUP BY d, u, ms // $gap
),
paused AS (
    SELECT
        *,
        coalesce(began_ms - lag(ended_ms) OVER in_time > $gap, true)::INTEGER AS begins
    FROM stretches
    WINDOW in_time AS (PARTITION BY d, u ORDER BY stretch)
),
runs AS (
    SELECT
        *,
        sum(begins) OVER (PARTITION BY d, u ORDER BY stretch ROWS UNBOUNDED PRECEDING) AS run
    FROM paused
),
held AS (
    SELECT
        d, u, run,
        sum(views)::BIGINT AS views,
        sum(acts)::BIGINT AS acts,
        min(began_ms) AS began_ms,
        min(began) AS began,
        max(ended_ms) AS ended_ms,
        arg_min(entry, stretch) FILTER (views > 0) AS entry,
        arg_max(exit, stretch) FILTER (views > 0) AS exit
    FROM runs
    GROUP BY d, u, run
    HAVING sum(views) > 0
)
SELECT
    d, u, entry, exit,
    row_number() OVER (PARTITION BY d, u ORDER BY run) AS visit,
    views = 1 AND acts = 0 AS bounces,
    (ended_ms - began) // 1000 AS seconds,
    began_ms, ended_ms
FROM held
