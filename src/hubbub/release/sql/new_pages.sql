-- Pages that are not public, at most $bound of them a unit, least tag first: counts of distinct units.
SELECT d, page, count(*) AS n
FROM (
    SELECT d, page, row_number() OVER (PARTITION BY d, u ORDER BY tag, page) AS place
    FROM unit_pages
    ANTI JOIN public_pages USING (page)
)
WHERE place <= $bound
GROUP BY d, page
