-- One unit adds 1 to at most one cell, the bin of how long it looked at one page: squared L2 is 1. Not every client
-- tells the time: 0 is none.
SELECT d, label AS engaged, count(*) AS n
FROM unit_engagement
JOIN engaged_bins ON engaged_ms >= low AND engaged_ms < high
WHERE engaged_ms > 0
GROUP BY d, label
