-- name: counts
-- How many fixes, rejects and registered vehicles there are.
SELECT (SELECT count(*) FROM positions), (SELECT coalesce(sum(times), 0)::bigint FROM rejects),
       (SELECT count(*) FROM vehicles)

-- name: tracks_commits
-- Whether the server keeps the moment of each commit.
SELECT current_setting('track_commit_timestamp')::boolean

-- name: commit_delays
-- Milliseconds from a fix's own time to its commit, for fixes of an interval: median, p99, longest.
SELECT percentile_cont(ARRAY[0.5, 0.99, 1.0]) WITHIN GROUP (
           ORDER BY extract(epoch FROM pg_xact_commit_timestamp(xmin) - fix_time) * 1000)
FROM positions
WHERE fix_time >= %(start)s AND fix_time < %(end)s
