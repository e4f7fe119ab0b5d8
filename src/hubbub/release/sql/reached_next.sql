-- The first row after the one before it that meets step {step}. Taking the earliest row each time goes deepest.
CREATE TEMP TABLE reached_{step} AS
SELECT d, u, visit, funnel, funnel_rows.step, min(funnel_rows.place) AS place, NULL::BIGINT AS tag
FROM reached_{before} AS reached
JOIN funnel_rows USING (d, u, visit, funnel)
WHERE funnel_rows.step = {step} AND funnel_rows.place > reached.place
GROUP BY d, u, visit, funnel, funnel_rows.step
