-- The page on which the first visit ended. $bound is 1: one unit adds 1 to at most one cell.
SELECT d, exit AS page, count(*) AS n
FROM visits
WHERE visit <= $bound
GROUP BY d, exit
