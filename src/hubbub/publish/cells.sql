-- Released cells of a period in one pass over the files. Rows with summed = 0 tell which days and hours of a
-- measure have cells or gaps; rows with summed = 1 are sums by time bucket and key, with the cells that were the
-- first release of a new key listed singly. What is not asked for is ''.
WITH cell AS (
    SELECT
        source,
        day,
        hour,
        measure,
        CASE $bucket
            WHEN 'day' THEN day
            WHEN 'week' THEN CAST(date_trunc('week', day) AS DATE)
            WHEN 'month' THEN CAST(date_trunc('month', day) AS DATE)
        END AS bucket,
        CASE $key WHEN 1 THEN key1 WHEN 2 THEN key2 ELSE '' END AS asked,
        CASE WHEN $grouped THEN asked ELSE '' END AS key,
        NOT $filtered OR list_contains($wanted, asked) AS is_wanted,
        CASE WHEN $binned AND measure = 'visits' THEN key2 ELSE '' END AS bin,
        value,
        variance,
        threshold,
        gap,
        trial
    FROM read_parquet($files)
    WHERE measure IN ($measure1, $measure2, $measure3, $measure4) AND day BETWEEN $first AND $last
)
SELECT
    CAST(grouping(day) AS TINYINT) AS summed,
    source,
    measure,
    bucket,
    day,
    hour,
    key,
    bin,
    gap,
    CAST(sum(value) AS DOUBLE) AS value,
    sum(variance) AS variance,
    count(DISTINCT day) AS days,
    list({'value': value, 'variance': variance, 'threshold': threshold} ORDER BY day) FILTER (threshold > 0)
        AS first_releases,
    bool_or(trial) AS trial
FROM cell
GROUP BY GROUPING SETS ((source, measure, day, hour, gap), (source, measure, bucket, hour, key, is_wanted, bin))
HAVING grouping(day) = 0 OR (is_wanted AND count(value) > 0)
