-- Rows with each condition that they meet; a row is looked at alone. A view of a page of search results is a search.
CREATE TEMP TABLE marked AS
SELECT d, u, rid, ms, tag, c
FROM "rows"
JOIN page_marks USING (page)
WHERE kind = 1
UNION ALL
SELECT d, u, rid, ms, tag, c
FROM "rows"
JOIN event_marks USING (name, detail)
WHERE kind = 2
UNION ALL
SELECT d, u, rid, ms, tag, c
FROM "rows"
JOIN kind_marks ON kind_marks.kind = CASE "rows".kind WHEN 1 THEN 8 ELSE "rows".kind END
WHERE "rows".kind > 3 OR ("rows".kind = 1 AND name <> '')
