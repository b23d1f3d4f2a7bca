-- name: fleet
-- Every vehicle's last known place, in columns of fixed width (see screens._FLEET_ROW); bound parameters:
-- none.
COPY (
    SELECT rpad(vehicle_id, 32),
           fix_time::timestamptz,
           received_at::timestamptz,
           CASE WHEN has_fix THEN coalesce(lon, 'NaN') ELSE 'NaN' END::float8,
           CASE WHEN has_fix THEN coalesce(lat, 'NaN') ELSE 'NaN' END::float8,
           coalesce(speed_kmh, 'NaN')::float8,
           coalesce(heading_deg, 'NaN')::float8,
           coalesce(phase, 0)::int2,
           coalesce(loaded, false)::boolean
      FROM last_known
) TO STDOUT (FORMAT binary)

-- name: registry_version
-- Version of the reference data.
SELECT version FROM registry_version

-- name: registry_refusal
-- Why the flow does not judge by the newest version of the reference data; empty: it does.
SELECT refusal FROM registry_version

-- name: alert_levels
-- The alerts that are open, were written in the last 20 s (one may open and end in a single batch) or were
-- lately handled, each with its newest handling, but for those of some rules: asked every second.
SELECT alert_id, vehicle_id, severity, state = 'firing', changed_at,
       coalesce((SELECT max(handling_id) FROM alert_handlings h WHERE h.alert_id = a.alert_id), 0)
  FROM alerts a
 WHERE (state = 'firing' OR changed_at > now() - interval '20 seconds'
        OR alert_id IN (SELECT alert_id FROM alert_handlings ORDER BY handling_id DESC LIMIT 200))
   AND rule_id <> ALL (%(unseen)s::text[])

-- name: alert_rows
-- Alerts as the list shows them: those named, or if none are named those open or changed since %(since)s, but
-- for those of some rules.
SELECT a.alert_id AS id, a.vehicle_id AS vehicle, coalesce(v.plate, '') AS plate,
       coalesce(v.plate_colour, '') AS colour, a.rule_id AS rule, a.severity, a.state,
       a.object_id AS object, coalesce(o.name, '') AS object_name, coalesce(w.goods_name, '') AS goods,
       floor(extract(epoch FROM a.opened_at) * 1000)::int8 AS opened,
       floor(extract(epoch FROM a.fired_at) * 1000)::int8 AS fired,
       floor(extract(epoch FROM a.last_hit_at) * 1000)::int8 AS last_hit,
       floor(extract(epoch FROM a.resolved_at) * 1000)::int8 AS resolved,
       a.end_reason AS ended, a.fixes, nullif(a.value, 'NaN') AS value,
       nullif(a.lon, 'NaN') AS lon, nullif(a.lat, 'NaN') AS lat,
       a.retrospective, floor(extract(epoch FROM a.withdrawn_at) * 1000)::int8 AS withdrawn,
       coalesce(v.carrier_id, '') AS carrier,
       floor(extract(epoch FROM k.at) * 1000)::int8 AS acknowledged, k.name AS acknowledged_by,
       CASE WHEN h.kind = 'claim' THEN h.name END AS holder
  FROM alerts a
  LEFT JOIN vehicles v USING (vehicle_id)
  LEFT JOIN LATERAL (SELECT name FROM fences f WHERE f.fence_id = a.object_id
                      ORDER BY valid_from DESC LIMIT 1) o ON true
  LEFT JOIN LATERAL (SELECT goods_name FROM waybills b
                      WHERE b.vehicle_id = a.vehicle_id
                          AND a.opened_at >= b.valid_from AND a.opened_at < b.valid_to
                      ORDER BY valid_from DESC LIMIT 1) w ON true
  LEFT JOIN LATERAL (SELECT at, name FROM alert_handlings JOIN accounts USING (account_id)
                      WHERE alert_id = a.alert_id AND kind = 'acknowledge'
                      ORDER BY handling_id LIMIT 1) k ON true
  LEFT JOIN LATERAL (SELECT kind, name FROM alert_handlings JOIN accounts USING (account_id)
                      WHERE alert_id = a.alert_id AND kind IN ('claim', 'release')
                      ORDER BY handling_id DESC LIMIT 1) h ON true
 WHERE CASE WHEN %(ids)s::text[] IS NULL THEN (a.state = 'firing' OR a.changed_at >= %(since)s::timestamptz)
                                               AND a.rule_id <> ALL (%(unseen)s::text[])
            ELSE a.alert_id = ANY (%(ids)s::text[]) END
 ORDER BY a.fired_at DESC, a.alert_id
 LIMIT %(rows)s

-- name: plates
-- Plate, colour and carrier of these vehicles; a vehicle that is not registered has no row.
SELECT vehicle_id, plate, plate_colour, carrier_id FROM vehicles WHERE vehicle_id = ANY (%(ids)s::text[])

-- name: fences
-- The fences in force at a moment as one GeoJSON FeatureCollection (WGS-84), text; of the corridors of
-- waybills a carrier that is named sees those of its own waybills.
SELECT json_build_object('type', 'FeatureCollection', 'features', coalesce(json_agg(
           json_build_object('type', 'Feature', 'id', fence_id, 'geometry', geometry,
                             'properties', to_jsonb(f) - 'geometry')
           ORDER BY fence_id), '[]'::json))::text
  FROM fences f
 WHERE valid_from <= %(at)s AND (valid_to IS NULL OR valid_to > %(at)s)
   AND (kind <> 'corridor' OR %(tenant)s::text IS NULL
        OR EXISTS (SELECT FROM waybills w WHERE w.route_id = f.fence_id AND w.carrier_id = %(tenant)s))

-- name: vehicle
-- All that is known of a vehicle at a moment: registration, last place, waybill, permits, open alerts; jsonb.
SELECT jsonb_build_object(
    'vehicle', (SELECT to_jsonb(v) FROM vehicles v WHERE v.vehicle_id = l.id),
    'last', (SELECT to_jsonb(k) FROM last_known k WHERE k.vehicle_id = l.id),
    'waybill', (SELECT to_jsonb(w) || jsonb_build_object(
                           'origin', coalesce((SELECT f.name FROM fences f WHERE f.fence_id = w.origin
                                                ORDER BY f.valid_from DESC LIMIT 1), w.origin),
                           'destination', coalesce((SELECT f.name FROM fences f WHERE f.fence_id = w.destination
                                                     ORDER BY f.valid_from DESC LIMIT 1), w.destination))
                  FROM waybills w
                 WHERE w.vehicle_id = l.id AND w.valid_from <= %(at)s
                 ORDER BY w.valid_to > %(at)s DESC, w.valid_from DESC LIMIT 1),
    'permits', (SELECT coalesce(jsonb_agg(to_jsonb(p) ORDER BY p.valid_to DESC), '[]') FROM permits p
                 WHERE p.vehicle_id = l.id AND p.valid_from <= %(at)s AND p.valid_to > %(at)s),
    'journey', (SELECT to_jsonb(j) FROM journeys j WHERE j.vehicle_id = l.id AND j.withdrawn_at IS NULL
                 ORDER BY j.entered_at DESC LIMIT 1),
    'blacklist', (SELECT coalesce(jsonb_agg(to_jsonb(b)), '[]') FROM blacklist b
                   WHERE b.kind = 'vehicle' AND b.subject_id = l.id AND b.valid_from <= %(at)s
                     AND (b.valid_to IS NULL OR b.valid_to > %(at)s)))
  FROM (SELECT %(id)s::text AS id) l
 WHERE EXISTS (SELECT FROM vehicles v WHERE v.vehicle_id = l.id)
    OR EXISTS (SELECT FROM last_known k WHERE k.vehicle_id = l.id)

-- name: track
-- A vehicle's fixes with a place, from and to inclusive, oldest first.
SELECT floor(extract(epoch FROM fix_time) * 1000)::int8, lon, lat, coalesce(speed_kmh, 'NaN')::float8,
       coalesce(heading_deg, 'NaN')::float8
  FROM positions
 WHERE vehicle_id = %(id)s AND fix_time BETWEEN %(start)s AND %(end)s
   AND has_fix AND lon IS NOT NULL AND lat IS NOT NULL AND lon <> 'NaN' AND lat <> 'NaN'
 ORDER BY fix_time
 LIMIT %(rows)s

-- name: last_fix_time
-- When a vehicle was last located; no row for a vehicle that never reported.
SELECT fix_time FROM last_known WHERE vehicle_id = %(id)s

-- name: alert_file
-- One alert with all it rests on: the row, the fence and the documents as they stood when it opened; jsonb.
-- Origin and destination of the waybill by name, where a fence has them as its id.
SELECT jsonb_build_object(
    'alert', to_jsonb(a),
    'vehicle', (SELECT to_jsonb(v) FROM vehicles v WHERE v.vehicle_id = a.vehicle_id),
    'fence', (SELECT to_jsonb(f) FROM fences f
               WHERE f.fence_id = a.object_id AND f.valid_from <= a.opened_at
                 AND (f.valid_to IS NULL OR f.valid_to > a.opened_at)
               ORDER BY f.valid_from DESC LIMIT 1),
    'waybill', (SELECT to_jsonb(w) || jsonb_build_object(
                           'origin', coalesce((SELECT f.name FROM fences f WHERE f.fence_id = w.origin
                                                ORDER BY f.valid_from DESC LIMIT 1), w.origin),
                           'destination', coalesce((SELECT f.name FROM fences f WHERE f.fence_id = w.destination
                                                     ORDER BY f.valid_from DESC LIMIT 1), w.destination))
                  FROM waybills w
                 WHERE w.vehicle_id = a.vehicle_id
                     AND w.valid_from <= a.opened_at AND w.valid_to > a.opened_at
                 ORDER BY w.valid_from DESC LIMIT 1),
    'permits', (SELECT coalesce(jsonb_agg(to_jsonb(p) ORDER BY p.valid_to DESC), '[]') FROM permits p
                 WHERE p.vehicle_id = a.vehicle_id
                     AND p.valid_from <= a.opened_at AND p.valid_to > a.opened_at))
  FROM alerts a WHERE a.alert_id = %(id)s
