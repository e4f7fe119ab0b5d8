-- One unit adds 1 to one bin of each of its first $bound visits: squared L2 is $bound.
SELECT
    d,
    visit::VARCHAR AS visit,
    label AS duration,
    count(*) AS n
FROM visits
JOIN duration_bins
    ON duration_bins.bounce = bounces
    AND (bounces OR (seconds >= low AND seconds < high))
WHERE visit <= $bound
GROUP BY d, visit, label
