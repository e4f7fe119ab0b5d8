-- One unit with a page view adds 1 to at most one cell: what its first page view that tells a bucket says, or, when
-- consent came after that, its engagement. Squared L2 is 1.
SELECT d, bucket AS "returning", count(*) AS n
FROM (
    SELECT d, u, arg_min("returning", in_order(ms, rid)) FILTER ("returning" <> '') AS bucket
    FROM "rows"
    WHERE kind IN (1, 3)
    GROUP BY d, u
    HAVING min(kind) = 1
)
WHERE bucket IS NOT NULL
GROUP BY d, bucket
