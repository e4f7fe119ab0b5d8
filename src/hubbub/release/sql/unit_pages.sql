-- Each unit's pages: how often it viewed one, and the least tag of those views, by which pages are drawn.
CREATE TEMP TABLE unit_pages AS
SELECT d, u, page, count(*) AS views, min(tag) AS tag
FROM "rows"
WHERE kind = 1
GROUP BY d, u, page
