-- The first row of each visit that meets the first step of a funnel, and the least tag of all that do.
CREATE TEMP TABLE reached_1 AS
SELECT d, u, visit, funnel, step, min(place) AS place, min(tag) AS tag
FROM funnel_rows
WHERE step = 1
GROUP BY d, u, visit, funnel, step
