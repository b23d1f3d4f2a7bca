-- name: layout
-- Kind of the table of positions: p is divided into day partitions by the store itself. Fails if it is not
-- there.
SELECT relkind::text FROM pg_class WHERE oid = 'positions'::regclass

-- name: create_staging
-- Where the fixes of a batch land first, once a connection; phase and loaded are set on last-known rows only.
CREATE TEMPORARY TABLE staged_positions (LIKE positions, phase smallint, loaded boolean)
    ON COMMIT DELETE ROWS;
ALTER TABLE staged_positions ALTER batch_no DROP NOT NULL

-- name: take_over
-- Make the partitions ours: whoever had them before can commit no more.
UPDATE progress SET epoch = epoch + 1 WHERE partition = ANY (%(partitions)s::smallint[])
RETURNING partition, epoch, batch_no

-- name: set_progress
-- Compare and set: a row for each partition that still is ours and stands where we left it.
UPDATE progress SET batch_no = %(batch_no)s, committed_at = now()
FROM unnest(%(partitions)s::smallint[], %(epochs)s::bigint[], %(previous)s::bigint[])
     AS ours (partition, epoch, previous)
WHERE progress.partition = ours.partition AND progress.epoch = ours.epoch
    AND progress.batch_no = ours.previous

-- name: landed
-- A row if a commit of this batch by this owner succeeded: every commit leaves its number in one of its
-- partitions.
SELECT 1
FROM progress JOIN unnest(%(partitions)s::smallint[], %(epochs)s::bigint[]) AS ours (partition, epoch)
     USING (partition, epoch)
WHERE progress.batch_no = %(batch_no)s
LIMIT 1

-- name: stage
-- Binary COPY of the batch; the columns of hazmat.store.position_rows in its order.
COPY staged_positions (
    vehicle_id, fix_time, received_at, lon, lat, speed_kmh, heading_deg, accuracy_m, altitude_m, satellites,
    mileage_km, tank_level_pct, tank_temp_c, tank_pressure_kpa, valve_open, clock_off_s, alarm, status, load,
    has_fix, late, known, row_no, phase, loaded
) FROM STDIN (FORMAT binary)

-- name: store_positions
-- Keep the staged fixes that are new; of doubles in one batch the first to arrive.
INSERT INTO positions (
    vehicle_id, fix_time, received_at, lon, lat, speed_kmh, heading_deg, accuracy_m, altitude_m, satellites,
    mileage_km, tank_level_pct, tank_temp_c, tank_pressure_kpa, valve_open, clock_off_s, alarm, status, load,
    has_fix, late, known, row_no, batch_no
)
SELECT vehicle_id, fix_time, received_at, lon, lat, speed_kmh, heading_deg, accuracy_m, altitude_m,
       satellites, mileage_km, tank_level_pct, tank_temp_c, tank_pressure_kpa, valve_open, clock_off_s,
       alarm, status, load, has_fix, late, known, row_no, %(batch_no)s
FROM staged_positions
ON CONFLICT DO NOTHING

-- name: store_positions_and_repairs
-- The same for a batch with late fixes: those that are new ask for a repair of their stretch of track.
WITH stored AS (
    INSERT INTO positions (
        vehicle_id, fix_time, received_at, lon, lat, speed_kmh, heading_deg, accuracy_m, altitude_m,
        satellites, mileage_km, tank_level_pct, tank_temp_c, tank_pressure_kpa, valve_open, clock_off_s,
        alarm, status, load, has_fix, late, known, row_no, batch_no
    )
    SELECT vehicle_id, fix_time, received_at, lon, lat, speed_kmh, heading_deg, accuracy_m, altitude_m,
           satellites, mileage_km, tank_level_pct, tank_temp_c, tank_pressure_kpa, valve_open, clock_off_s,
           alarm, status, load, has_fix, late, known, row_no, %(batch_no)s
    FROM staged_positions
    ON CONFLICT DO NOTHING
    RETURNING vehicle_id, fix_time, received_at, late
)
INSERT INTO repairs (vehicle_id, first_late, asked_at)
SELECT vehicle_id, min(fix_time), max(received_at) FROM stored WHERE late GROUP BY vehicle_id
ON CONFLICT (vehicle_id) DO UPDATE
SET first_late = least(repairs.first_late, excluded.first_late),
    asked_at = greatest(repairs.asked_at, excluded.asked_at)

-- name: move_last_known
-- Where the vehicles of the batch are now, forward in fix_time only.
INSERT INTO last_known (
    vehicle_id, fix_time, received_at, lon, lat, speed_kmh, heading_deg, accuracy_m, batch_no, load, phase,
    has_fix, loaded, known
)
SELECT vehicle_id, fix_time, received_at, lon, lat, speed_kmh, heading_deg, accuracy_m, %(batch_no)s, load,
       phase, has_fix, loaded, known
FROM staged_positions WHERE phase IS NOT NULL
ON CONFLICT (vehicle_id) DO UPDATE
SET fix_time = excluded.fix_time, received_at = excluded.received_at, lon = excluded.lon, lat = excluded.lat,
    speed_kmh = excluded.speed_kmh, heading_deg = excluded.heading_deg, accuracy_m = excluded.accuracy_m,
    batch_no = excluded.batch_no, load = excluded.load, phase = excluded.phase, has_fix = excluded.has_fix,
    loaded = excluded.loaded, known = excluded.known
WHERE last_known.fix_time < excluded.fix_time

-- name: save_alerts
-- Open alerts and change open ones; what stood at the fix that made them fire is never changed. One that was
-- withdrawn and is found again stands again.
INSERT INTO alerts (
    alert_id, vehicle_id, rule_id, object_id, severity, state, opened_at, fired_at, last_hit_at, resolved_at,
    end_reason, fixes, value, lon, lat, evidence, named_at, retrospective, registry_version, batch_no
)
SELECT alert_id, vehicle_id, rule_id, object_id, severity, state, opened_at, fired_at, last_hit_at,
       resolved_at, end_reason, fixes, value, lon, lat, evidence, named_at, coalesce(retrospective, false),
       %(registry_version)s, %(batch_no)s
FROM json_to_recordset(%(rows)s::json) AS changed (
    alert_id text, vehicle_id text, rule_id text, object_id text, severity text, state text,
    opened_at timestamptz, fired_at timestamptz, last_hit_at timestamptz, resolved_at timestamptz,
    end_reason text, fixes integer, value double precision, lon double precision, lat double precision,
    evidence jsonb, named_at timestamptz, retrospective boolean
)
ON CONFLICT (alert_id) DO UPDATE
SET severity = excluded.severity, state = excluded.state, last_hit_at = excluded.last_hit_at,
    resolved_at = excluded.resolved_at, end_reason = excluded.end_reason, fixes = excluded.fixes,
    value = excluded.value, withdrawn_at = NULL, registry_version = excluded.registry_version,
    batch_no = excluded.batch_no, changed_at = now()

-- name: save_journeys
-- Open journeys and change open ones.
INSERT INTO journeys (journey_id, vehicle_id, entered_at, exited_at, phase)
SELECT journey_id, vehicle_id, entered_at, exited_at, phase
FROM json_to_recordset(%(rows)s::json) AS changed (
    journey_id text, vehicle_id text, entered_at timestamptz, exited_at timestamptz, phase smallint
)
ON CONFLICT (journey_id) DO UPDATE
SET exited_at = excluded.exited_at, phase = excluded.phase, withdrawn_at = NULL

-- name: save_rejects
-- Keep payloads that are no fix; one that came before is counted.
INSERT INTO rejects (
    reject_id, received_at, last_received_at, times, topic, element, reason, field, detail, raw, raw_size
)
SELECT reject_id, received_at, last_received_at, times, topic, element, reason, field, detail,
       decode(raw, 'hex'), raw_size
FROM json_to_recordset(%(rows)s::json) AS came (
    reject_id text, received_at timestamptz, last_received_at timestamptz, times bigint, topic text,
    element integer, reason text, field text, detail text, raw text, raw_size integer
)
ON CONFLICT (reject_id) DO UPDATE
SET times = rejects.times + excluded.times,
    last_received_at = greatest(rejects.last_received_at, excluded.last_received_at)

-- name: save_checkpoint
-- The rules' memory of a partition as it stands after this batch.
INSERT INTO checkpoints (partition, batch_no, content) VALUES (%(partition)s, %(batch_no)s, %(content)b)
ON CONFLICT (partition) DO UPDATE
SET batch_no = excluded.batch_no, content = excluded.content, saved_at = now()

-- name: checkpoints
-- The last checkpoint of each partition.
SELECT partition, batch_no, content FROM checkpoints WHERE partition = ANY (%(partitions)s::smallint[])

-- name: stored_rows
-- Fixes at full width for hazmat.store.position_rows, NaN and -1 instead of NULL, chosen and in order by another query.
COPY (
    SELECT rpad(vehicle_id, 32, E'\x01'), fix_time, received_at,
           coalesce(lon, 'NaN'), coalesce(lat, 'NaN'), coalesce(speed_kmh, 'NaN'),
           coalesce(heading_deg, 'NaN'), coalesce(accuracy_m, 'NaN'), coalesce(altitude_m, 'NaN'),
           coalesce(satellites, 'NaN'), coalesce(mileage_km, 'NaN'), coalesce(tank_level_pct, 'NaN'),
           coalesce(tank_temp_c, 'NaN'), coalesce(tank_pressure_kpa, 'NaN'), coalesce(valve_open, 'NaN'),
           coalesce(clock_off_s, 'NaN'), coalesce(alarm, -1), coalesce(status, -1),
           coalesce(load, -1::smallint), has_fix, late, known, row_no, batch_no
    FROM ({chosen}) AS positions
) TO STDOUT (FORMAT binary)

-- name: judged_after
-- Judged fixes stored after a batch, in the order in which they were.
SELECT * FROM positions WHERE batch_no > {after} AND NOT late ORDER BY batch_no, row_no

-- name: fixes_between
-- All fixes of a span of time, late ones too, by vehicle and time.
SELECT * FROM positions WHERE fix_time > {start} AND fix_time <= {stop} ORDER BY vehicle_id, fix_time

-- name: fixes_of
-- Fixes of some vehicles, late ones too, each after a moment of its own; at most so many of each.
SELECT found.*
FROM unnest({vehicles}::text[], {after}::timestamptz[]) AS asked (vehicle_id, after)
     CROSS JOIN LATERAL (
         SELECT * FROM positions p
         WHERE p.vehicle_id = asked.vehicle_id AND p.fix_time > asked.after AND p.fix_time > {start}
         ORDER BY p.fix_time
         LIMIT {each}
     ) AS found
ORDER BY found.vehicle_id, found.fix_time

-- name: ask_repairs
-- Ask for repairs of fixes that were judged at once, though they came long after their time.
INSERT INTO repairs (vehicle_id, first_late, asked_at)
SELECT vehicle_id, first_late, asked_at
FROM unnest(%(vehicles)s::text[], %(first_late)s::timestamptz[], %(asked_at)s::timestamptz[])
     AS asked (vehicle_id, first_late, asked_at)
ON CONFLICT (vehicle_id) DO UPDATE
SET first_late = least(repairs.first_late, excluded.first_late),
    asked_at = greatest(repairs.asked_at, excluded.asked_at)

-- name: repairs
-- The repairs asked for, those that wait longest first.
SELECT vehicle_id, first_late, asked_at FROM repairs ORDER BY asked_at, vehicle_id LIMIT %(rows)s

-- name: end_repairs
-- Repairs that are done, unless a late fix has come meanwhile.
DELETE FROM repairs
USING unnest(%(vehicles)s::text[], %(asked_at)s::timestamptz[]) AS done (vehicle_id, asked_at)
WHERE repairs.vehicle_id = done.vehicle_id AND repairs.asked_at <= done.asked_at

-- name: standing_alerts
-- Alerts of these vehicles that had not ended before a moment of each vehicle's own, withdrawn ones too.
SELECT alert_id, a.vehicle_id, rule_id, object_id, severity, state, opened_at, fired_at, last_hit_at,
       resolved_at, end_reason, fixes, coalesce(value, 'NaN'), coalesce(lon, 'NaN'), coalesce(lat, 'NaN'),
       coalesce(named_at, opened_at), retrospective
FROM unnest(%(vehicles)s::text[], %(since)s::timestamptz[]) AS asked (vehicle_id, since)
     JOIN alerts a ON a.vehicle_id = asked.vehicle_id
         AND coalesce(a.resolved_at, 'infinity') >= asked.since
ORDER BY opened_at, alert_id

-- name: firing_alerts
-- All alerts that are open.
SELECT alert_id, vehicle_id, rule_id, object_id, severity, state, opened_at, fired_at, last_hit_at,
       resolved_at, end_reason, fixes, coalesce(value, 'NaN'), coalesce(lon, 'NaN'), coalesce(lat, 'NaN'),
       coalesce(named_at, opened_at), retrospective
FROM alerts WHERE state = 'firing'
ORDER BY opened_at, alert_id

-- name: standing_journeys
-- Journeys of these vehicles that had not ended before a moment of each vehicle's own.
SELECT journey_id, j.vehicle_id, entered_at, exited_at, phase
FROM unnest(%(vehicles)s::text[], %(since)s::timestamptz[]) AS asked (vehicle_id, since)
     JOIN journeys j ON j.vehicle_id = asked.vehicle_id
         AND (exited_at IS NULL OR exited_at >= asked.since)
WHERE withdrawn_at IS NULL
ORDER BY entered_at, journey_id

-- name: repair_alerts
-- Set alerts right after a repair, or find or withdraw them; what stood before is noted, evidence is kept.
INSERT INTO alerts (
    alert_id, vehicle_id, rule_id, object_id, severity, state, opened_at, fired_at, last_hit_at, resolved_at,
    end_reason, fixes, value, lon, lat, evidence, named_at, retrospective, withdrawn_at, registry_version,
    batch_no
)
SELECT alert_id, vehicle_id, rule_id, object_id, severity, state, opened_at, fired_at, last_hit_at,
       resolved_at, end_reason, fixes, value, lon, lat, evidence, named_at, coalesce(retrospective, false),
       CASE WHEN state = 'withdrawn' THEN now() END, %(registry_version)s, %(batch_no)s
FROM json_to_recordset(%(rows)s::json) AS changed (
    alert_id text, vehicle_id text, rule_id text, object_id text, severity text, state text,
    opened_at timestamptz, fired_at timestamptz, last_hit_at timestamptz, resolved_at timestamptz,
    end_reason text, fixes integer, value double precision, lon double precision, lat double precision,
    evidence jsonb, named_at timestamptz, retrospective boolean
)
ON CONFLICT (alert_id) DO UPDATE
SET severity = excluded.severity, state = excluded.state, opened_at = excluded.opened_at,
    fired_at = excluded.fired_at, last_hit_at = excluded.last_hit_at, resolved_at = excluded.resolved_at,
    end_reason = excluded.end_reason, fixes = excluded.fixes, value = excluded.value, lon = excluded.lon,
    lat = excluded.lat, named_at = excluded.named_at, withdrawn_at = excluded.withdrawn_at,
    note = coalesce(alerts.note, '[]') || jsonb_strip_nulls(jsonb_build_object(
        'repaired_at', now(), 'state', alerts.state, 'opened_at', alerts.opened_at,
        'fired_at', alerts.fired_at, 'last_hit_at', alerts.last_hit_at, 'resolved_at', alerts.resolved_at,
        'end_reason', alerts.end_reason, 'fixes', alerts.fixes, 'value', nullif(alerts.value, 'NaN'),
        'lon', nullif(alerts.lon, 'NaN'), 'lat', nullif(alerts.lat, 'NaN'))),
    registry_version = excluded.registry_version, batch_no = excluded.batch_no, changed_at = now()

-- name: withdraw_journeys
-- Journeys that proved to be none, or to have begun at another moment; kept.
UPDATE journeys SET withdrawn_at = now() WHERE journey_id = ANY (%(ids)s::text[])
