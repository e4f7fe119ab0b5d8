-- Public pages only (a filter that looks at the page alone), then at most $bound of them a unit, least tag first.
SELECT d, page, count(*) AS n
FROM (
    SELECT d, page, row_number() OVER (PARTITION BY d, u ORDER BY tag, page) AS place
    FROM unit_pages
    SEMI JOIN public_pages USING (page)
)
WHERE place <= $bound
GROUP BY d, page
