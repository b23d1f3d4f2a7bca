-- name: put_crowd
-- Trucks of a benchmark where these columns say, all just heard.
INSERT INTO last_known (
    vehicle_id, fix_time, received_at, lon, lat, speed_kmh, heading_deg, accuracy_m, batch_no, load, phase,
    has_fix, loaded, known
)
SELECT 'bench-' || row_no, %(at)s, %(at)s, lon, lat, 40, heading_deg, 5, 1, 2, 1, true, true, false
FROM unnest(%(lon)s::float8[], %(lat)s::float8[], %(heading_deg)s::float8[])
     WITH ORDINALITY AS place (lon, lat, heading_deg, row_no)

-- name: put_crowd_alerts
-- A firing alert for each of the first trucks of a benchmark.
INSERT INTO alerts (
    alert_id, vehicle_id, rule_id, object_id, severity, state, opened_at, fired_at, last_hit_at, fixes, lon,
    lat, evidence, registry_version, batch_no
)
SELECT md5(vehicle_id), vehicle_id, 'overspeed', '', (ARRAY['red', 'orange', 'yellow', 'blue'])[1 + n %% 4],
       'firing', %(at)s, %(at)s, %(at)s, 9, lon, lat, '{"speed_kmh": 71}', 1, 1
FROM (SELECT *, row_number() OVER (ORDER BY vehicle_id) AS n FROM last_known LIMIT %(alerts)s) AS first

-- name: move_crowd
-- A share of the trucks drives on by some ten metres.
UPDATE last_known
SET lon = lon + 0.00012 * sin(radians(heading_deg)), lat = lat + 0.0001 * cos(radians(heading_deg)),
    fix_time = %(at)s, received_at = %(at)s
WHERE random() < %(share)s
