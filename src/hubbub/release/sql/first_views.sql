-- What a unit is described by: the attributes of its first page view.
CREATE TEMP TABLE first_views AS
SELECT d, channel, referrer, campaign, country, device, browser, os, language
FROM units
JOIN "rows" USING (d, u)
WHERE "rows".rid = units.first
