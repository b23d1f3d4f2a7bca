-- name: vehicle
-- Carrier of a vehicle, empty for one that reports and is not registered; no row: never heard of.
SELECT coalesce((SELECT carrier_id FROM vehicles WHERE vehicle_id = %(id)s), ''), ''
 WHERE EXISTS (SELECT FROM vehicles WHERE vehicle_id = %(id)s)
    OR EXISTS (SELECT FROM last_known WHERE vehicle_id = %(id)s)

-- name: alert
-- Carrier of the vehicle of an alert (empty: not registered) and the alert's rule; no row: no such alert.
SELECT coalesce(v.carrier_id, ''), a.rule_id
  FROM alerts a LEFT JOIN vehicles v USING (vehicle_id) WHERE a.alert_id = %(id)s

-- name: person
-- Carrier that a driver or escort works for; no row: no such person.
SELECT carrier_id, '' FROM people WHERE person_id = %(id)s

-- name: carrier
-- A carrier that is registered or has vehicles; no row: none such.
SELECT %(id)s::text, '' WHERE EXISTS (SELECT FROM carriers WHERE carrier_id = %(id)s)
    OR EXISTS (SELECT FROM vehicles WHERE carrier_id = %(id)s)
