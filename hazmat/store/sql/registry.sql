-- name: version
-- Version of the registry; it goes up with every statement that touches it.
SELECT version FROM registry_version

-- name: note_refusal
-- The flow says why it keeps to an older version, or with an empty text that it no longer does.
UPDATE registry_version SET refusal = %(refusal)s WHERE refusal <> %(refusal)s

-- name: use_utc
-- Times come out in UTC whatever the server's zone is; until the end of the transaction.
SELECT set_config('timezone', 'UTC', true)

-- name: vehicles
-- All vehicles.
SELECT vehicle_id, plate, plate_colour, carrier_id, carrier_name, vehicle_type, tank_no, hazard_classes,
       tank_media, trailer_plate, has_load_sensor, approved_load_t, tank_volume_m3, set_pressure_kpa,
       tank_temp_min_c, tank_temp_max_c, inspection_valid_to, tank_inspection_valid_to
FROM vehicles ORDER BY vehicle_id

-- name: waybills
-- Waybills that are, will be or were in force since a time.
SELECT waybill_no, vehicle_id, plate, plate_colour, carrier_id, driver_id, driver_name, escort_id,
       escort_name, un_no, goods_name, hazard_class, quantity_t, consignor, consignee, origin, destination,
       route_id, trailer_plate, planned_stay_h, valid_from, valid_to
FROM waybills WHERE valid_to > %(since)s ORDER BY waybill_no

-- name: permits
-- Permits that are, will be or were in force since a time.
SELECT permit_no, vehicle_id, roads, kind, state, hazard_classes, un_nos, max_load_t, valid_from, valid_to,
       start_minute, end_minute, weekdays, holidays
FROM permits WHERE valid_to > %(since)s ORDER BY permit_no

-- name: blacklist
-- Blacklist entries that are, will be or were in force since a time.
SELECT entry_id, kind, subject_id, reason, valid_from, valid_to
FROM blacklist WHERE valid_to IS NULL OR valid_to > %(since)s ORDER BY entry_id

-- name: fences
-- Versions of fences that are, will be or were in force since a time.
SELECT fence_id, kind, name, geometry::text AS geometry, valid_from, valid_to, hazard_classes, loaded_only,
       permit_required, half_width_m, direction, road_class, speed_limit_kmh, start_minute, end_minute,
       weekdays, holidays, lane_count, lane_width_m, designated_lane, tunnel_category, capacity
FROM fences WHERE valid_to IS NULL OR valid_to > %(since)s ORDER BY fence_id, valid_from

-- name: people
-- All drivers and escorts: an expired certificate is a finding.
SELECT person_id, name, carrier_id, certificate_no, may_drive, may_escort, hazard_classes, code, valid_from,
       valid_to
FROM people ORDER BY person_id

-- name: carriers
-- All carriers: an expired licence is a finding.
SELECT carrier_id, name, licence_no, hazard_classes, valid_from, valid_to FROM carriers ORDER BY carrier_id

-- name: rule_settings
-- Numbers of rules that are, will be or were in force since a time.
SELECT rule_id, valid_from, valid_to, enabled, limits, hold_s, hold_fixes, clear_s, clear_fixes, gap_s,
       cool_down_s, note
FROM rule_settings WHERE valid_to IS NULL OR valid_to > %(since)s ORDER BY rule_id, valid_from

-- name: holidays
-- All public holidays.
SELECT day FROM holidays ORDER BY day

-- name: forget_vehicles
-- Make room for an import: all vehicles, or those of the same key.
DELETE FROM vehicles
WHERE %(replace)s OR vehicle_id IN (
    SELECT vehicle_id FROM json_populate_recordset(NULL::vehicles, %(rows)s::json))

-- name: forget_waybills
-- Make room for an import: all waybills, or those of the same key.
DELETE FROM waybills
WHERE %(replace)s OR waybill_no IN (
    SELECT waybill_no FROM json_populate_recordset(NULL::waybills, %(rows)s::json))

-- name: forget_permits
-- Make room for an import: all permits, or those of the same key.
DELETE FROM permits
WHERE %(replace)s OR permit_no IN (
    SELECT permit_no FROM json_populate_recordset(NULL::permits, %(rows)s::json))

-- name: forget_blacklist
-- Make room for an import: all entries, or those of the same key.
DELETE FROM blacklist
WHERE %(replace)s OR entry_id IN (
    SELECT entry_id FROM json_populate_recordset(NULL::blacklist, %(rows)s::json))

-- name: forget_fences
-- Make room for an import: all fences, or the versions of the same key.
DELETE FROM fences
WHERE %(replace)s OR (fence_id, valid_from) IN (
    SELECT fence_id, valid_from FROM json_populate_recordset(NULL::fences, %(rows)s::json))

-- name: forget_people
-- Make room for an import: all people, or those of the same key.
DELETE FROM people
WHERE %(replace)s OR person_id IN (
    SELECT person_id FROM json_populate_recordset(NULL::people, %(rows)s::json))

-- name: forget_carriers
-- Make room for an import: all carriers, or those of the same key.
DELETE FROM carriers
WHERE %(replace)s OR carrier_id IN (
    SELECT carrier_id FROM json_populate_recordset(NULL::carriers, %(rows)s::json))

-- name: forget_rule_settings
-- Make room for an import: all settings but those that people made on the screens, or those of the same key.
DELETE FROM rule_settings
WHERE %(replace)s AND set_by IS NULL OR (rule_id, valid_from) IN (
    SELECT rule_id, valid_from FROM json_populate_recordset(NULL::rule_settings, %(rows)s::json))

-- name: fit_rule_settings
-- After an import: beside a setting that people made, the one that began before it ends where the later begins.
UPDATE rule_settings r SET valid_to = f.next_from
FROM (SELECT rule_id, valid_from, set_by,
             lead(valid_from) OVER later AS next_from, lead(set_by) OVER later AS next_by
        FROM rule_settings WINDOW later AS (PARTITION BY rule_id ORDER BY valid_from)) AS f
WHERE r.rule_id = f.rule_id AND r.valid_from = f.valid_from
  AND (r.valid_to IS NULL OR r.valid_to > f.next_from)
  AND f.next_from IS NOT NULL AND (f.set_by IS NOT NULL OR f.next_by IS NOT NULL)

-- name: forget_holidays
-- Make room for an import: all days, or the same ones.
DELETE FROM holidays
WHERE %(replace)s OR day IN (SELECT day FROM json_populate_recordset(NULL::holidays, %(rows)s::json))

-- name: import_vehicles
-- Vehicles as JSON objects whose keys are the columns.
INSERT INTO vehicles SELECT * FROM json_populate_recordset(NULL::vehicles, %(rows)s::json)

-- name: import_waybills
-- Waybills as JSON objects whose keys are the columns.
INSERT INTO waybills SELECT * FROM json_populate_recordset(NULL::waybills, %(rows)s::json)

-- name: import_permits
-- Permits as JSON objects whose keys are the columns.
INSERT INTO permits SELECT * FROM json_populate_recordset(NULL::permits, %(rows)s::json)

-- name: import_blacklist
-- Blacklist entries as JSON objects whose keys are the columns.
INSERT INTO blacklist SELECT * FROM json_populate_recordset(NULL::blacklist, %(rows)s::json)

-- name: import_fences
-- Versions of fences as JSON objects whose keys are the columns.
INSERT INTO fences SELECT * FROM json_populate_recordset(NULL::fences, %(rows)s::json)

-- name: import_people
-- People as JSON objects whose keys are the columns.
INSERT INTO people SELECT * FROM json_populate_recordset(NULL::people, %(rows)s::json)

-- name: import_carriers
-- Carriers as JSON objects whose keys are the columns.
INSERT INTO carriers SELECT * FROM json_populate_recordset(NULL::carriers, %(rows)s::json)

-- name: import_rule_settings
-- Settings of rules as JSON objects whose keys are the columns.
INSERT INTO rule_settings SELECT * FROM json_populate_recordset(NULL::rule_settings, %(rows)s::json)

-- name: import_holidays
-- Public holidays as JSON objects whose keys are the columns.
INSERT INTO holidays SELECT * FROM json_populate_recordset(NULL::holidays, %(rows)s::json)
