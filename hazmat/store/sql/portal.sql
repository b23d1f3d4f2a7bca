-- name: carrier
-- A carrier as licensed, or as its vehicles name it; no row: neither.
SELECT coalesce(c.name, v.carrier_name) AS name, coalesce(c.licence_no, '') AS licence_no,
       coalesce(c.hazard_classes, '{}') AS hazard_classes, c.valid_to
  FROM (SELECT %(tenant)s::text AS carrier_id) asked
  LEFT JOIN carriers c USING (carrier_id)
  LEFT JOIN LATERAL (SELECT carrier_name FROM vehicles WHERE carrier_id = asked.carrier_id
                      ORDER BY vehicle_id LIMIT 1) v ON true
 WHERE c.carrier_id IS NOT NULL OR v.carrier_name IS NOT NULL

-- name: counts
-- How many vehicles of a carrier are in which state now, and how many have an open alert.
SELECT count(*) AS total,
       count(*) FILTER (WHERE state = 'moving') AS moving,
       count(*) FILTER (WHERE state = 'stopped') AS stopped,
       count(*) FILTER (WHERE state IN ('offline', 'never')) AS offline,
       count(*) FILTER (WHERE alerted) AS alerted
  FROM (SELECT CASE WHEN k.vehicle_id IS NULL THEN 'never'
                    WHEN k.received_at < %(silent_since)s THEN 'offline'
                    WHEN k.speed_kmh > %(moving_kmh)s THEN 'moving' ELSE 'stopped' END AS state,
               EXISTS (SELECT FROM alerts a WHERE a.vehicle_id = v.vehicle_id AND a.state = 'firing'
                                              AND a.rule_id <> ALL (%(unseen)s::text[])) AS alerted
          FROM vehicles v LEFT JOIN last_known k USING (vehicle_id)
         WHERE v.carrier_id = %(tenant)s) each

-- name: open_alerts
-- A carrier's open alerts, the gravest and oldest first, with how many there are in all.
SELECT a.alert_id, a.rule_id, a.severity, a.opened_at, a.evidence, v.vehicle_id, v.plate, v.plate_colour,
       coalesce(o.name, '') AS object_name, count(*) OVER () AS total
  FROM alerts a
  JOIN vehicles v USING (vehicle_id)
  LEFT JOIN LATERAL (SELECT name FROM fences f WHERE f.fence_id = a.object_id
                      ORDER BY valid_from DESC LIMIT 1) o ON true
 WHERE a.state = 'firing' AND v.carrier_id = %(tenant)s AND a.rule_id <> ALL (%(unseen)s::text[])
 ORDER BY array_position('{red,orange,yellow,blue}', a.severity), a.opened_at, a.alert_id
 LIMIT %(rows)s

-- name: vehicles
-- One page of a carrier's vehicles with state, last place and the goods of the waybill in force.
WITH fleet AS (
    SELECT v.vehicle_id, v.plate, v.plate_colour, k.fix_time, k.speed_kmh, k.phase,
           nullif(CASE WHEN k.has_fix THEN k.lon END, 'NaN') AS lon,
           nullif(CASE WHEN k.has_fix THEN k.lat END, 'NaN') AS lat,
           CASE WHEN k.vehicle_id IS NULL THEN 'never' WHEN k.received_at < %(silent_since)s THEN 'offline'
                WHEN k.speed_kmh > %(moving_kmh)s THEN 'moving' ELSE 'stopped' END AS state,
           coalesce(w.waybill_no, '') AS waybill_no, coalesce(w.goods_name, '') AS goods_name,
           coalesce(w.un_no, '') AS un_no, coalesce(a.open, 0) AS alerts, a.gravest
      FROM vehicles v
      LEFT JOIN last_known k USING (vehicle_id)
      LEFT JOIN LATERAL (SELECT waybill_no, goods_name, un_no FROM waybills b
                          WHERE b.vehicle_id = v.vehicle_id AND b.valid_from <= %(at)s AND b.valid_to > %(at)s
                          ORDER BY b.valid_from DESC LIMIT 1) w ON true
      LEFT JOIN LATERAL (SELECT count(*) AS open,
                                (array_agg(severity ORDER BY array_position('{red,orange,yellow,blue}',
                                                                            severity)))[1] AS gravest
                           FROM alerts x WHERE x.vehicle_id = v.vehicle_id AND x.state = 'firing'
                                           AND x.rule_id <> ALL (%(unseen)s::text[])) a ON true
     WHERE v.carrier_id = %(tenant)s
)
SELECT *, count(*) OVER () AS total FROM fleet
 WHERE (%(text)s = '' OR strpos(upper(plate || ' ' || vehicle_id), %(text)s) > 0
        OR strpos(upper(goods_name || ' ' || un_no || ' ' || waybill_no), %(text)s) > 0)
   AND (%(state)s = '' OR state = %(state)s OR (%(state)s = 'offline' AND state = 'never')
        OR (%(state)s = 'alerted' AND alerts > 0))
 ORDER BY CASE %(sort)s WHEN 'seen' THEN fix_time END ASC NULLS LAST,
          CASE %(sort)s WHEN '-seen' THEN fix_time END DESC NULLS LAST,
          CASE %(sort)s WHEN 'alerts' THEN alerts END ASC,
          CASE %(sort)s WHEN '-alerts' THEN alerts END DESC,
          CASE %(sort)s WHEN 'goods' THEN goods_name END ASC,
          CASE %(sort)s WHEN '-goods' THEN goods_name END DESC,
          CASE %(sort)s WHEN '-plate' THEN plate END DESC,
          plate, vehicle_id
 LIMIT %(rows)s OFFSET %(skip)s

-- name: documents
-- One page of a carrier's papers, what ends first first. A waybill that is over and a pass that a later one
-- of its kind replaces are left out; expiry: expired, week (ends within it), month, later, or void (a pass).
WITH own AS (
    SELECT vehicle_id, plate, plate_colour, inspection_valid_to, tank_inspection_valid_to
      FROM vehicles WHERE carrier_id = %(tenant)s
), papers AS (
    SELECT 'licence' AS kind, licence_no AS number, name AS subject, '' AS plate_colour, '' AS vehicle_id,
           '' AS detail, valid_to, false AS void
      FROM carriers WHERE carrier_id = %(tenant)s
    UNION ALL
    SELECT 'inspection', '', plate, plate_colour, vehicle_id, '', inspection_valid_to, false
      FROM own WHERE inspection_valid_to IS NOT NULL
    UNION ALL
    SELECT 'tank_inspection', '', plate, plate_colour, vehicle_id, '', tank_inspection_valid_to, false
      FROM own WHERE tank_inspection_valid_to IS NOT NULL
    UNION ALL
    SELECT 'permit', p.permit_no, o.plate, o.plate_colour, o.vehicle_id, p.kind, p.valid_to,
           p.state <> 'active'
      FROM permits p JOIN own o USING (vehicle_id)
     WHERE p.valid_to > %(at)s
        OR NOT EXISTS (SELECT FROM permits n WHERE n.vehicle_id = p.vehicle_id AND n.kind = p.kind
                                               AND n.state = 'active' AND n.valid_to > p.valid_to)
    UNION ALL
    SELECT 'waybill', w.waybill_no, o.plate, o.plate_colour, o.vehicle_id, w.goods_name, w.valid_to, false
      FROM waybills w JOIN own o USING (vehicle_id) WHERE w.valid_from <= %(at)s AND w.valid_to > %(at)s
    UNION ALL
    SELECT CASE WHEN may_drive THEN 'driver' ELSE 'escort' END, certificate_no, name, '', '', '', valid_to,
           false
      FROM people WHERE carrier_id = %(tenant)s AND certificate_no <> ''
), judged AS (
    SELECT *, CASE WHEN void THEN 'void' WHEN valid_to <= %(at)s THEN 'expired'
                   WHEN valid_to < %(week)s THEN 'week' WHEN valid_to < %(month)s THEN 'month'
                   ELSE 'later' END AS expiry
      FROM papers
)
SELECT *, count(*) OVER () AS total FROM judged
 WHERE kind = ANY (%(kinds)s::text[]) AND expiry = ANY (%(expiries)s::text[])
   AND (%(text)s = '' OR strpos(upper(number || ' ' || subject || ' ' || detail), %(text)s) > 0)
 ORDER BY CASE WHEN %(sort)s = '-ends' THEN valid_to END DESC,
          CASE WHEN %(sort)s = 'kind' THEN kind END, CASE WHEN %(sort)s = '-kind' THEN kind END DESC,
          CASE WHEN %(sort)s = 'subject' THEN subject END,
          CASE WHEN %(sort)s = '-subject' THEN subject END DESC,
          valid_to, kind, number, subject
 LIMIT %(rows)s OFFSET %(skip)s

-- name: people
-- One page of a carrier's drivers and escorts with their certificates, what ends first first.
SELECT *, count(*) OVER () AS total
  FROM (SELECT person_id, name, certificate_no, may_drive, may_escort, hazard_classes, code, valid_to,
               CASE WHEN certificate_no = '' THEN 'none' WHEN valid_to <= %(at)s THEN 'expired'
                    WHEN valid_to < %(week)s THEN 'week' WHEN valid_to < %(month)s THEN 'month'
                    ELSE 'later' END AS expiry
          FROM people WHERE carrier_id = %(tenant)s) each
 WHERE (%(role)s = '' OR (%(role)s = 'driver' AND may_drive) OR (%(role)s = 'escort' AND may_escort))
   AND (%(text)s = '' OR strpos(upper(name || ' ' || person_id || ' ' || certificate_no), %(text)s) > 0)
 ORDER BY CASE WHEN %(sort)s = 'name' THEN name END, CASE WHEN %(sort)s = '-name' THEN name END DESC,
          CASE WHEN %(sort)s = '-ends' THEN valid_to END DESC,
          CASE WHEN %(sort)s = 'code' THEN code END, CASE WHEN %(sort)s = '-code' THEN code END DESC,
          valid_to, person_id
 LIMIT %(rows)s OFFSET %(skip)s
