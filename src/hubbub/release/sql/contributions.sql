-- One unit adds 1 to one cell: the bin of its number of page views.
SELECT d, label AS views, count(*) AS n
FROM units
JOIN views_bins ON units.views >= low AND units.views < high
GROUP BY d, label
