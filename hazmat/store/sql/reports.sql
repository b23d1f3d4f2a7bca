-- name: waybills
-- The waybills of a vehicle that were in force at some moment of a span, oldest first.
SELECT waybill_no, goods_name, un_no, hazard_class, quantity_t, origin, destination, driver_name, escort_name,
       valid_from, valid_to
  FROM waybills
 WHERE vehicle_id = %(id)s AND valid_from < %(end)s AND valid_to > %(start)s
 ORDER BY valid_from, waybill_no

-- name: vehicle
-- A vehicle by its id or, if only one bears it, its plate; what only reports has neither plate nor carrier.
SELECT vehicle_id, plate, plate_colour, carrier_name FROM vehicles
 WHERE vehicle_id = %(name)s OR plate = %(name)s
UNION ALL
SELECT vehicle_id, '', '', '' FROM last_known k
 WHERE vehicle_id = %(name)s AND NOT EXISTS (SELECT FROM vehicles v WHERE v.vehicle_id = k.vehicle_id)
 LIMIT 2

-- name: alert_places
-- Where the alerts of a span opened, with the fence concerned; not the withdrawn ones nor those of drivers'
-- pre-warnings; of one carrier or (NULL) of all, of some rules or (NULL) of all.
SELECT a.rule_id AS rule, a.severity AS level, nullif(a.lon, 'NaN') AS lon, nullif(a.lat, 'NaN') AS lat,
       coalesce(f.name, '') AS fence
  FROM alerts a
  LEFT JOIN vehicles v USING (vehicle_id)
  LEFT JOIN LATERAL (SELECT name FROM fences f WHERE f.fence_id = a.object_id AND f.valid_from <= a.opened_at
                      ORDER BY valid_from DESC LIMIT 1) f ON true
 WHERE a.opened_at >= %(start)s AND a.opened_at < %(end)s AND a.withdrawn_at IS NULL
   AND a.rule_id <> ALL (%(unseen)s::text[])
   AND (%(rules)s::text[] IS NULL OR a.rule_id = ANY (%(rules)s::text[]))
   AND (%(level)s::text IS NULL OR a.severity = %(level)s)
   AND (%(carrier)s::text IS NULL OR v.carrier_id = %(carrier)s)
 ORDER BY a.opened_at DESC
 LIMIT %(rows)s

-- name: recent
-- The newest alerts, for links to their evidence maps; limits as above.
SELECT a.alert_id AS id, a.rule_id AS rule, a.severity AS level, a.opened_at AS opened,
       coalesce(v.plate, a.vehicle_id) AS plate, coalesce(v.plate_colour, '') AS colour
  FROM alerts a LEFT JOIN vehicles v USING (vehicle_id)
 WHERE a.withdrawn_at IS NULL AND a.rule_id <> ALL (%(unseen)s::text[])
   AND (%(rules)s::text[] IS NULL OR a.rule_id = ANY (%(rules)s::text[]))
   AND (%(carrier)s::text IS NULL OR v.carrier_id = %(carrier)s)
 ORDER BY a.opened_at DESC, a.alert_id
 LIMIT 15
