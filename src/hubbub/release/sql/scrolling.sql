-- One unit adds 1 to at most one cell, the bin of how far down it read one page: squared L2 is 1. Not every client
-- tells the depth: 0 is none.
SELECT d, label AS scroll, count(*) AS n
FROM unit_engagement
JOIN scroll_bins ON unit_engagement.scroll >= low AND unit_engagement.scroll < high
WHERE unit_engagement.scroll > 0
GROUP BY d, label
