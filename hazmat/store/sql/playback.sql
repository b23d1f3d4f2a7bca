-- name: candidates
-- Vehicles that may have fixes since a moment, of one carrier or (NULL) of all, in the order of their ids.
SELECT k.vehicle_id
  FROM last_known k LEFT JOIN vehicles v USING (vehicle_id)
 WHERE k.fix_time >= %(start)s AND (%(carrier)s::text IS NULL OR v.carrier_id = %(carrier)s)
 ORDER BY k.vehicle_id

-- name: counts
-- How many located fixes each of these vehicles has in a span and a rectangle: its place among them, the
-- number. Each vehicle is one range of the primary key.
SELECT v.n - 1, p.fixes
  FROM unnest(%(ids)s::text[]) WITH ORDINALITY AS v(id, n)
 CROSS JOIN LATERAL (
       SELECT count(*) AS fixes FROM positions
        WHERE vehicle_id = v.id AND fix_time BETWEEN %(start)s AND %(end)s AND has_fix
          AND lon BETWEEN %(west)s AND %(east)s AND lat BETWEEN %(south)s AND %(north)s
       OFFSET 0) p
 WHERE p.fixes > 0
 ORDER BY v.n

-- name: fixes
-- The fixes of these vehicles, one a step: the first in each, and besides the last of all, both edges of
-- every gap and those at which an alert opened, fired or was last hit; columns of fixed width (see
-- playback._FIX).
COPY (
    SELECT (v.n - 1)::int4, p.fix_time::timestamptz,
           round(p.lon * 1e6)::int4, round(p.lat * 1e6)::int4,
           coalesce(round(nullif(p.speed_kmh, 'NaN')), -1)::int2,
           coalesce(round(nullif(p.heading_deg, 'NaN')), -1)::int2
      FROM unnest(%(ids)s::text[]) WITH ORDINALITY AS v(id, n)
     CROSS JOIN LATERAL (
           SELECT array_agg(moment) AS moments
             FROM alerts a, unnest(ARRAY[a.opened_at, a.fired_at, a.last_hit_at]) AS moment
            WHERE a.vehicle_id = v.id AND a.opened_at <= %(end)s AND a.last_hit_at >= %(start)s) m
     CROSS JOIN LATERAL (
           SELECT *, lag(fix_time) OVER w AS before, lead(fix_time) OVER w AS after
             FROM (SELECT fix_time, lon, lat, speed_kmh, heading_deg
                     FROM positions
                    WHERE vehicle_id = v.id AND fix_time BETWEEN %(start)s AND %(end)s AND has_fix
                      AND lon BETWEEN %(west)s AND %(east)s AND lat BETWEEN %(south)s AND %(north)s
                   OFFSET 0) f
           WINDOW w AS (ORDER BY fix_time)) p
     WHERE p.before IS NULL OR p.after IS NULL
        OR date_bin(%(step)s, p.fix_time, %(start)s) > p.before
        OR p.fix_time - p.before > %(gap)s OR p.after - p.fix_time > %(gap)s
        OR p.fix_time = ANY (m.moments)
     ORDER BY v.n, p.fix_time
) TO STDOUT (FORMAT binary)

-- name: vehicles
-- Plate, colour and goods of these vehicles, in their order; the goods of the last waybill in the span.
SELECT v.id AS id, coalesce(r.plate, v.id) AS plate, coalesce(r.plate_colour, '') AS colour,
       coalesce(w.goods_name, '') AS goods
  FROM unnest(%(ids)s::text[]) WITH ORDINALITY AS v(id, n)
  LEFT JOIN vehicles r ON r.vehicle_id = v.id
  LEFT JOIN LATERAL (SELECT goods_name FROM waybills b
                      WHERE b.vehicle_id = v.id AND b.valid_from <= %(end)s AND b.valid_to > %(start)s
                      ORDER BY b.valid_from DESC LIMIT 1) w ON true
 ORDER BY v.n

-- name: alerts
-- The alerts of these vehicles that were open at some moment of a span, but for those of some rules and, if
-- rules are named, of these alone; those withdrawn say so.
SELECT a.alert_id AS id, a.vehicle_id AS vehicle, a.rule_id AS rule, a.severity AS level,
       coalesce(o.name, '') AS object_name,
       floor(extract(epoch FROM a.opened_at) * 1000)::int8 AS opened,
       floor(extract(epoch FROM a.fired_at) * 1000)::int8 AS fired,
       floor(extract(epoch FROM a.last_hit_at) * 1000)::int8 AS last_hit,
       floor(extract(epoch FROM a.resolved_at) * 1000)::int8 AS resolved,
       nullif(a.lon, 'NaN') AS lon, nullif(a.lat, 'NaN') AS lat,
       a.retrospective IS TRUE AS retrospective, a.withdrawn_at IS NOT NULL AS withdrawn
  FROM alerts a
  LEFT JOIN LATERAL (SELECT name FROM fences f WHERE f.fence_id = a.object_id AND f.valid_from <= a.opened_at
                      ORDER BY valid_from DESC LIMIT 1) o ON true
 WHERE a.vehicle_id = ANY (%(ids)s::text[])
   AND a.opened_at <= %(end)s AND coalesce(a.resolved_at, 'infinity') >= %(start)s
   AND a.rule_id <> ALL (%(unseen)s::text[])
   AND (%(rules)s::text[] IS NULL OR a.rule_id = ANY (%(rules)s::text[]))
   AND (a.lon IS NULL OR a.lat IS NULL OR a.lon = 'NaN' OR a.lat = 'NaN'
        OR (a.lon BETWEEN %(west)s AND %(east)s AND a.lat BETWEEN %(south)s AND %(north)s))
 ORDER BY a.opened_at, a.alert_id
 LIMIT %(rows)s

-- name: by_plate
-- Vehicles whose plate begins with (or whose id is) what was typed, of one carrier or (NULL) of all.
SELECT vehicle_id AS id, plate, plate_colour AS colour
  FROM vehicles
 WHERE (starts_with(plate, %(text)s) OR vehicle_id = %(text)s OR strpos(plate, %(text)s) > 0)
   AND (%(carrier)s::text IS NULL OR carrier_id = %(carrier)s)
 ORDER BY plate = %(text)s DESC, plate LIMIT 20
