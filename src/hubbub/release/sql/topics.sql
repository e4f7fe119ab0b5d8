-- A page has the topics that its path says (a filter that looks at the page alone); at most $bound topics a unit, least
-- tag of their views first, 1 in each: squared L2 is $bound.
WITH
mine AS (
    SELECT d, u, topic, min(tag) AS tag
    FROM unit_pages
    JOIN page_topics USING (page)
    GROUP BY d, u, topic
)
SELECT d, topic, count(*) AS n
FROM (
    SELECT d, topic, row_number() OVER (PARTITION BY d, u ORDER BY tag, topic) AS place
    FROM mine
)
WHERE place <= $bound
GROUP BY d, topic
