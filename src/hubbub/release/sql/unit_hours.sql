-- Each unit's hours: how many page views it has in one.
CREATE TEMP TABLE unit_hours AS
SELECT d, u, hour, count(*) AS views
FROM "rows"
WHERE kind = 1
GROUP BY d, u, hour
