-- One unit adds 1 to at most one cell, the bin of how far down it read one page: squared L2 is 1.
SELECT d, label AS scroll, count(*) AS n
FROM unit_engagement
JOIN scroll_bins ON unit_engagement.scroll >= low AND unit_engagement.scroll < high
GROUP BY d, label
