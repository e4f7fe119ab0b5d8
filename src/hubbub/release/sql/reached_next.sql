-- The first row after the one before it that meets step $step. Taking the earliest row each time goes deepest.
INSERT INTO reached
SELECT d, u, visit, funnel, funnel_rows.step, min(funnel_rows.place), NULL
FROM reached
JOIN funnel_rows USING (d, u, visit, funnel)
WHERE reached.step = $step - 1 AND funnel_rows.step = $step AND funnel_rows.place > reached.place
GROUP BY d, u, visit, funnel, funnel_rows.step
