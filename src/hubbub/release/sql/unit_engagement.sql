-- One page of each unit with engagement: that of the unit's viewed pages with the least tag of a view, so a page comes
-- by as often as it is viewed and not as often as its engagement is told. Engaged time is the mean over the unit's views
-- of the page, scroll the deepest. Engagement with a page that was not viewed that day is dropped,
-- and so is that which tells neither: a heartbeat of Matomo's, which only prolongs the visit.
CREATE TEMP TABLE unit_engagement AS
SELECT
    d, u,
    arg_min(engaged_ms // views, in_order(tag, page)) AS engaged_ms,
    arg_min(scroll, in_order(tag, page)) AS scroll
FROM (
    SELECT d, u, page, sum(engaged_ms)::BIGINT AS engaged_ms, max(scroll) AS scroll
    FROM "rows"
    WHERE kind = 3 AND (engaged_ms > 0 OR scroll > 0)
    GROUP BY d, u, page
)
JOIN unit_pages USING (d, u, page)
GROUP BY d, u
