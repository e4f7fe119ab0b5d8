-- The page on which the first visit began. $bound is 1: one unit adds 1 to at most one cell.
SELECT d, entry AS page, count(*) AS n
FROM visits
WHERE visit <= $bound
GROUP BY d, entry
