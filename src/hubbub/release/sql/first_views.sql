-- What a unit is described by: the attributes of its first page view.
CREATE TEMP TABLE first_views AS
SELECT units.d, channel, referrer, campaign, country, device, browser, os, language
FROM units
JOIN "rows" ON "rows".rid = units.first
