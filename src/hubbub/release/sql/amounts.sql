-- A unit's sum of an event's amounts, cut at the event's most, in whole $parts-ths of it; at most $bound events a unit,
-- least tag first: squared L2 is $bound times the square of $parts. The fraction of a part is rounded up as often as it
-- is large, by chance that the unit's own tag gives, so that sums of many are right; never above $parts.
WITH
mine AS (
    SELECT d, u, name AS event, sum(amount) AS total, min(tag) AS tag
    FROM "rows"
    WHERE kind = 2 AND amount > 0
    GROUP BY d, u, name
),
capped AS (
    SELECT
        d, u, event, most, cap, tag,
        least(total, cap)::HUGEINT * $parts AS scaled,
        ((tag // 2) % cap + cap) % cap AS chance
    FROM mine
    JOIN amount_events USING (event)
)
SELECT d, event, most, sum(parts)::BIGINT AS n
FROM (
    SELECT
        d, event, most,
        (scaled + chance) // cap AS parts,
        row_number() OVER (PARTITION BY d, u ORDER BY tag, event) AS place
    FROM capped
)
WHERE place <= $bound
GROUP BY d, event, most
