-- name: server
-- Version, size of this database in bytes, connections open and allowed.
SELECT current_setting('server_version') AS version,
       pg_database_size(current_database()) AS bytes,
       (SELECT count(*) FROM pg_stat_activity WHERE backend_type = 'client backend') AS connections,
       current_setting('max_connections')::integer AS most_connections

-- name: progress
-- The last batch stored, when, and the partitions that were ever stored to.
SELECT max(batch_no) AS batch_no, max(committed_at) AS committed_at,
       count(*) FILTER (WHERE batch_no > 0) AS partitions
FROM progress

-- name: rate
-- Fixes received in the last minute before a moment, and of the newest batch the longest wait from reception
-- to storing in seconds. Batches are at most some ten a second: the index on batch_no leads to the last ones.
SELECT count(*) FILTER (WHERE received_at > %(at)s::timestamptz - interval '1 minute') AS fixes,
       extract(epoch FROM (SELECT max(committed_at) FROM progress)
           - min(received_at) FILTER (WHERE batch_no = %(batch_no)s))::float8 AS lag_s
FROM positions WHERE batch_no > %(batch_no)s::bigint - 3000

-- name: heard
-- When any terminal was last heard, and how many since a moment.
SELECT max(received_at) AS received_at, count(*) FILTER (WHERE received_at > %(since)s) AS heard FROM last_known

-- name: repairs
-- Repairs that wait and since when.
SELECT count(*) AS waiting, min(asked_at) AS since FROM repairs

-- name: checkpoints
-- Checkpoints of the rules' memory: how many, the oldest, octets.
SELECT count(*) AS count, min(saved_at) AS oldest, coalesce(sum(octet_length(content)), 0)::bigint AS bytes
FROM checkpoints

-- name: oldest_partition
-- The first day of positions that is kept, day partitions.
SELECT min(to_date(right(relname, 8), 'YYYYMMDD'))
FROM pg_class JOIN pg_inherits ON inhrelid = oid
WHERE inhparent = 'positions'::regclass AND relname ~ '^positions_[0-9]{8}$'

-- name: oldest_chunk
-- The first day of positions that is kept, TimescaleDB.
SELECT min(range_start)::date FROM timescaledb_information.chunks
WHERE hypertable_schema = 'public' AND hypertable_name = 'positions'

-- name: registry
-- Version of the reference data, when it changed, why the flow refuses it (empty: it does not).
SELECT version, changed_at, refusal FROM registry_version

-- name: migrations
-- How many migrations have landed, the last one and when.
SELECT count(*) OVER () AS count, name, applied_at FROM schema_migrations ORDER BY number DESC LIMIT 1

-- name: alert_counts
-- Open alerts by level.
SELECT severity, count(*) FROM alerts WHERE state = 'firing' GROUP BY severity

-- name: reject_counts
-- Payloads refused by reason, ever: different ones, and with repetitions.
SELECT reason, count(*) AS payloads, sum(times)::bigint AS times, max(last_received_at) AS last
FROM rejects GROUP BY reason ORDER BY times DESC, reason

-- name: reject_list
-- Payloads that were refused, the newest first: of one reason, field, received since a moment, with a text in
-- the topic or payload. NULL and empty: any.
SELECT reject_id, received_at, last_received_at, times, topic, element, reason, field, detail,
       raw_size, count(*) OVER () AS total
FROM rejects
WHERE (%(reason)s = '' OR reason = %(reason)s) AND (%(field)s = '' OR field = %(field)s)
  AND (%(since)s::timestamptz IS NULL OR last_received_at >= %(since)s)
  AND (%(text)s = '' OR position(lower(%(text)s) IN lower(topic)) > 0
       OR position(convert_to(%(text)s, 'UTF8') IN raw) > 0)
ORDER BY last_received_at DESC, reject_id
LIMIT %(rows)s OFFSET %(skip)s

-- name: reject_fields
-- The fields that payloads were refused for.
SELECT DISTINCT field FROM rejects WHERE field <> '' ORDER BY field

-- name: reject
-- One refused payload.
SELECT reject_id, received_at, last_received_at, times, topic, element, reason, field, detail, raw, raw_size
FROM rejects WHERE reject_id = %(reject_id)s

-- name: online
-- Vehicles registered and heard since a moment, by carrier, the worst first.
SELECT v.carrier_id, max(v.carrier_name) AS carrier_name, count(*) AS registered,
       count(*) FILTER (WHERE l.received_at > %(since)s) AS heard
FROM vehicles v LEFT JOIN last_known l USING (vehicle_id)
GROUP BY v.carrier_id
ORDER BY count(*) FILTER (WHERE l.received_at > %(since)s)::float8 / count(*), count(*) DESC, v.carrier_id

-- name: terminals
-- Registered vehicles with their terminal's figures of one day, in the order asked for.
SELECT v.vehicle_id, v.plate, v.plate_colour, v.carrier_id, v.carrier_name, l.received_at,
       d.fixes, d.interval_s, d.moving_s, d.leaps, d.clock_error_s,
       1 - d.missing_s / nullif(d.moving_s, 0) AS complete,
       d.leaps::float8 / nullif(d.fixes, 0) AS leaping,
       (SELECT count(*) FROM alerts a
         WHERE a.vehicle_id = v.vehicle_id AND a.rule_id = ANY (%(device_rules)s::text[])
           AND a.opened_at >= %(start)s AND a.opened_at < %(stop)s AND a.withdrawn_at IS NULL) AS alerts,
       count(*) OVER () AS total
FROM vehicles v
     LEFT JOIN last_known l USING (vehicle_id)
     LEFT JOIN terminal_days d ON d.vehicle_id = v.vehicle_id AND d.day = %(day)s
WHERE (%(carrier_id)s = '' OR v.carrier_id = %(carrier_id)s)
  AND (%(text)s = '' OR position(lower(%(text)s) IN lower(v.vehicle_id || ' ' || v.plate)) > 0)
ORDER BY CASE WHEN %(order)s = 'worst' THEN 1 - d.missing_s / nullif(d.moving_s, 0) END NULLS LAST,
         CASE WHEN %(order)s = 'seen' THEN coalesce(l.received_at, '-infinity') END,
         CASE WHEN %(order)s IN ('worst', 'leaps') THEN -d.leaps::float8 / nullif(d.fixes, 0) END NULLS LAST,
         CASE WHEN %(order)s IN ('worst', 'clock') THEN -abs(d.clock_error_s) END NULLS LAST,
         v.plate, v.vehicle_id
LIMIT %(rows)s OFFSET %(skip)s

-- name: terminal_day
-- Of one day: vehicles with figures, hours driven, share of it with fixes, when it was last reckoned.
SELECT count(*) AS vehicles, coalesce(sum(moving_s), 0) / 3600 AS hours,
       1 - sum(missing_s) / nullif(sum(moving_s), 0) AS complete, max(reckoned_at) AS reckoned_at
FROM terminal_days WHERE day = %(day)s

-- name: strangers
-- Vehicles that report and are not registered, the last heard first.
SELECT vehicle_id, received_at, count(*) OVER () AS total
FROM last_known l
WHERE NOT EXISTS (SELECT FROM vehicles v WHERE v.vehicle_id = l.vehicle_id)
ORDER BY received_at DESC, vehicle_id LIMIT %(rows)s

-- name: reckon_terminals
-- A local day's figures of every terminal from its fixes. Between two fixes a vehicle moved when both said
-- more than 5 km/h, or when it came more than 300 m farther; what is longer than two of its own median
-- intervals (at least 30 s) was not reported. A leap is what the rule implausible_speed calls one: farther
-- than 300 m and faster than 150 km/h.
WITH steps AS (
    SELECT vehicle_id, fix_time, received_at, late, has_fix,
           extract(epoch FROM lead(fix_time) OVER track - fix_time)::float8 AS step_s,
           speed_kmh, lead(speed_kmh) OVER track AS next_kmh,
           111195 * sqrt((lead(lat) OVER track - lat) ^ 2
               + ((lead(lon) OVER track - lon) * cos(radians(lat))) ^ 2) AS step_m
    FROM positions
    WHERE fix_time >= %(start)s AND fix_time < %(stop)s
    WINDOW track AS (PARTITION BY vehicle_id ORDER BY fix_time)
), judged AS (
    SELECT *, (step_m > 300 OR (speed_kmh > 5 AND next_kmh > 5)) IS TRUE AS moved,
           (has_fix AND step_m > 300 AND step_m * 3.6 > 150 * step_s) IS TRUE AS leapt
    FROM steps
), usual AS (
    SELECT vehicle_id, count(*) AS fixes,
           percentile_cont(0.5) WITHIN GROUP (ORDER BY step_s) FILTER (WHERE moved) AS interval_s,
           count(*) FILTER (WHERE leapt) AS leaps,
           percentile_cont(0.5) WITHIN GROUP (ORDER BY extract(epoch FROM received_at - fix_time))
               FILTER (WHERE NOT late) AS clock_error_s
    FROM judged GROUP BY vehicle_id
), gaps AS (
    SELECT j.vehicle_id, sum(step_s) AS moving_s,
           sum(greatest(0, step_s - interval_s)) FILTER (WHERE step_s > greatest(2 * interval_s, 30)) AS missing_s
    FROM judged j JOIN usual USING (vehicle_id) WHERE moved GROUP BY j.vehicle_id
)
INSERT INTO terminal_days
SELECT vehicle_id, %(day)s, fixes, interval_s, coalesce(moving_s, 0), coalesce(missing_s, 0), leaps,
       clock_error_s, %(at)s
FROM usual LEFT JOIN gaps USING (vehicle_id)
ON CONFLICT (day, vehicle_id) DO UPDATE
SET fixes = excluded.fixes, interval_s = excluded.interval_s, moving_s = excluded.moving_s,
    missing_s = excluded.missing_s, leaps = excluded.leaps, clock_error_s = excluded.clock_error_s,
    reckoned_at = excluded.reckoned_at

-- name: forget_terminal_days
-- Figures of days before one.
DELETE FROM terminal_days WHERE day < %(day)s

-- name: fences
-- Fences whose last version is kept, with the one that is in force at a moment or else begins or ended
-- nearest; of a kind and with a text in id or name.
SELECT *, count(*) OVER () AS total
FROM (SELECT DISTINCT ON (fence_id) fence_id, kind, name, geometry::text AS geometry, valid_from, valid_to,
             start_minute, end_minute, weekdays, holidays, speed_limit_kmh, half_width_m, capacity,
             valid_from <= %(at)s AND (valid_to IS NULL OR valid_to > %(at)s) AS in_force,
             count(*) OVER (PARTITION BY fence_id) AS versions
        FROM fences
       ORDER BY fence_id, valid_from <= %(at)s AND (valid_to IS NULL OR valid_to > %(at)s) DESC,
                valid_from DESC) AS f
WHERE (%(kind)s = '' OR kind = %(kind)s)
  AND (%(text)s = '' OR position(lower(%(text)s) IN lower(fence_id || ' ' || name)) > 0)
ORDER BY CASE WHEN %(order)s = 'kind' THEN kind END,
         CASE WHEN %(order)s = 'since' THEN valid_from END DESC NULLS LAST,
         CASE WHEN %(order)s = 'limit' THEN speed_limit_kmh END NULLS LAST, name, fence_id
LIMIT %(rows)s OFFSET %(skip)s

-- name: fence_kinds
-- Kinds of fences and how many of each.
SELECT kind, count(DISTINCT fence_id) AS count FROM fences GROUP BY kind ORDER BY kind
