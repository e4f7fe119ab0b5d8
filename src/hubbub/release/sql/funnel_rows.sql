-- Rows that meet a step, with the visit that they are in and their place in the unit's order: by time and, where the
-- clock does not tell them apart, as they were received.
CREATE TEMP TABLE funnel_rows AS
SELECT d, u, visit, funnel, step, tag, in_order(ms, rid) AS place
FROM marked
JOIN step_marks USING (c)
JOIN visits USING (d, u)
WHERE ms BETWEEN began_ms AND ended_ms
