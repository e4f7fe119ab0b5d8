-- One unit adds 1 to at most one cell: what its first page view that tells a bucket says. Squared L2 is 1.
SELECT d, bucket AS "returning", count(*) AS n
FROM (
    SELECT d, u, arg_min("returning", (ms::HUGEINT << 64) + tag::HUGEINT) AS bucket
    FROM "rows"
    WHERE kind = 1 AND "returning" <> ''
    GROUP BY d, u
)
GROUP BY d, bucket
