-- name: open
-- Open alerts and those that an account holds, whatever their state, with where the truck is now (an ended
-- alert: where it fired) and who holds them; the gravest first. Not those of rules that only drivers hear of.
WITH chosen AS (
    SELECT alert_id FROM alerts WHERE state = 'firing'
    UNION
    SELECT alert_id FROM alert_handlings WHERE account_id = %(account_id)s AND kind = 'claim'
)
SELECT a.alert_id, a.vehicle_id, a.rule_id, a.severity, a.state, a.opened_at, a.fired_at, a.resolved_at,
       coalesce(o.name, '') AS object_name, coalesce(v.plate, '') AS plate,
       coalesce(v.plate_colour, '') AS plate_colour, coalesce(v.carrier_name, '') AS carrier,
       nullif(CASE WHEN a.state = 'firing' AND k.has_fix THEN k.lon ELSE a.lon END, 'NaN') AS lon,
       nullif(CASE WHEN a.state = 'firing' AND k.has_fix THEN k.lat ELSE a.lat END, 'NaN') AS lat,
       h.account_id AS held_by, h.name AS holder
  FROM chosen
  JOIN alerts a USING (alert_id)
  LEFT JOIN vehicles v USING (vehicle_id)
  LEFT JOIN last_known k USING (vehicle_id)
  LEFT JOIN LATERAL (SELECT name FROM fences f WHERE f.fence_id = a.object_id
                      ORDER BY valid_from DESC LIMIT 1) o ON true
  LEFT JOIN LATERAL (SELECT d.account_id, c.name, d.kind
                       FROM alert_handlings d JOIN accounts c USING (account_id)
                      WHERE d.alert_id = a.alert_id AND d.kind IN ('claim', 'release')
                      ORDER BY d.handling_id DESC LIMIT 1) h ON h.kind = 'claim'
 WHERE (a.state = 'firing' OR h.account_id = %(account_id)s)
   AND (%(tenant)s::text IS NULL OR v.carrier_id = %(tenant)s)
   AND (%(rules)s::text[] IS NULL OR a.rule_id = ANY (%(rules)s))
   AND a.rule_id <> ALL (%(unseen)s::text[])
 ORDER BY array_position('{red,orange,yellow,blue}', a.severity), a.fired_at, a.alert_id
 LIMIT %(rows)s

-- name: ended
-- Alerts that ended since a moment, the last first; columns as in "open".
SELECT a.alert_id, a.vehicle_id, a.rule_id, a.severity, a.state, a.opened_at, a.fired_at, a.resolved_at,
       coalesce(o.name, '') AS object_name, coalesce(v.plate, '') AS plate,
       coalesce(v.plate_colour, '') AS plate_colour, coalesce(v.carrier_name, '') AS carrier,
       nullif(a.lon, 'NaN') AS lon, nullif(a.lat, 'NaN') AS lat,
       h.account_id AS held_by, h.name AS holder
  FROM alerts a
  LEFT JOIN vehicles v USING (vehicle_id)
  LEFT JOIN LATERAL (SELECT name FROM fences f WHERE f.fence_id = a.object_id
                      ORDER BY valid_from DESC LIMIT 1) o ON true
  LEFT JOIN LATERAL (SELECT d.account_id, c.name, d.kind
                       FROM alert_handlings d JOIN accounts c USING (account_id)
                      WHERE d.alert_id = a.alert_id AND d.kind IN ('claim', 'release')
                      ORDER BY d.handling_id DESC LIMIT 1) h ON h.kind = 'claim'
 WHERE a.state <> 'firing' AND a.resolved_at >= %(since)s AND a.changed_at >= %(since)s
   AND (%(tenant)s::text IS NULL OR v.carrier_id = %(tenant)s)
   AND (%(rules)s::text[] IS NULL OR a.rule_id = ANY (%(rules)s))
   AND a.rule_id <> ALL (%(unseen)s::text[])
 ORDER BY a.resolved_at DESC, a.alert_id
 LIMIT %(rows)s

-- name: search
-- One page of the alerts that opened in a span of time, and how many there are in all.
WITH found AS (
    SELECT a.alert_id, a.vehicle_id, a.rule_id, a.severity, a.state, a.opened_at, a.fired_at, a.resolved_at,
           a.object_id, nullif(a.lon, 'NaN') AS lon, nullif(a.lat, 'NaN') AS lat,
           coalesce(v.plate, '') AS plate, coalesce(v.plate_colour, '') AS plate_colour,
           coalesce(v.carrier_id, '') AS carrier_id, coalesce(v.carrier_name, '') AS carrier,
           count(*) OVER () AS total, row_number() OVER (
               ORDER BY CASE WHEN %(sort)s = 'level'
                             THEN array_position('{red,orange,yellow,blue}', a.severity) END,
                        CASE WHEN %(sort)s = 'plate' THEN coalesce(v.plate, a.vehicle_id) END,
                        CASE WHEN %(sort)s = 'oldest' THEN a.opened_at END,
                        a.opened_at DESC, a.alert_id) AS number
      FROM alerts a LEFT JOIN vehicles v USING (vehicle_id)
     WHERE a.opened_at >= %(start)s AND a.opened_at < %(end)s
       AND (%(tenant)s::text IS NULL OR v.carrier_id = %(tenant)s)
       AND (%(rules)s::text[] IS NULL OR a.rule_id = ANY (%(rules)s))
       AND (%(level)s = '' OR a.severity = %(level)s)
       AND (%(rule)s = '' OR a.rule_id = %(rule)s)
       AND (%(state)s = '' OR a.state = %(state)s)
       AND (%(plate)s = '' OR strpos(upper(coalesce(v.plate, a.vehicle_id)), %(plate)s) > 0)
       AND (%(carrier)s = '' OR v.carrier_id = %(carrier)s OR strpos(v.carrier_name, %(carrier)s) > 0)
     ORDER BY number LIMIT %(rows)s OFFSET %(skip)s
)
SELECT found.*, coalesce(o.name, '') AS object_name, h.name AS holder
  FROM found
  LEFT JOIN LATERAL (SELECT name FROM fences f WHERE f.fence_id = found.object_id
                      ORDER BY valid_from DESC LIMIT 1) o ON true
  LEFT JOIN LATERAL (SELECT c.name, d.kind FROM alert_handlings d JOIN accounts c USING (account_id)
                      WHERE d.alert_id = found.alert_id AND d.kind IN ('claim', 'release')
                      ORDER BY d.handling_id DESC LIMIT 1) h ON h.kind = 'claim'
 ORDER BY number

-- name: people
-- Drivers and escorts by their ids.
SELECT person_id, name, certificate_no, code, valid_to FROM people WHERE person_id = ANY (%(ids)s::text[])
