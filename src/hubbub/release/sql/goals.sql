-- At most $bound goals a unit, least tag of the rows that reached them first, 1 in each: squared L2 is $bound.
WITH
mine AS (
    SELECT d, u, goal, min(tag) AS tag
    FROM marked
    JOIN goal_marks USING (c)
    GROUP BY d, u, goal
)
SELECT d, goal, count(*) AS n
FROM (
    SELECT d, goal, row_number() OVER (PARTITION BY d, u ORDER BY tag, goal) AS place
    FROM mine
)
WHERE place <= $bound
GROUP BY d, goal
