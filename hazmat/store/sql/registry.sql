-- name: version
-- Version of the registry; it goes up with every statement that touches it.
SELECT version FROM registry_version

-- name: use_utc
-- Times come out in UTC whatever the server's zone is; until the end of the transaction.
SELECT set_config('timezone', 'UTC', true)

-- name: vehicles
-- All vehicles.
SELECT vehicle_id, plate, plate_colour, carrier_id, carrier_name, vehicle_type, tank_no, hazard_classes,
       tank_media
FROM vehicles ORDER BY vehicle_id

-- name: waybills
-- Waybills that are, will be or were in force since a time.
SELECT waybill_no, vehicle_id, plate, plate_colour, carrier_id, driver_id, driver_name, escort_id,
       escort_name, un_no, goods_name, hazard_class, quantity_t, consignor, consignee, origin, destination,
       route_id, valid_from, valid_to
FROM waybills WHERE valid_to > %(since)s ORDER BY waybill_no

-- name: permits
-- Permits that are, will be or were in force since a time.
SELECT permit_no, vehicle_id, roads, hazard_classes, valid_from, valid_to, start_minute, end_minute, weekdays
FROM permits WHERE valid_to > %(since)s ORDER BY permit_no

-- name: blacklist
-- Blacklist entries that are, will be or were in force since a time.
SELECT entry_id, kind, subject_id, reason, valid_from, valid_to
FROM blacklist WHERE valid_to IS NULL OR valid_to > %(since)s ORDER BY entry_id

-- name: fences
-- Versions of fences that are, will be or were in force since a time.
SELECT fence_id, kind, name, geometry::text AS geometry, valid_from, valid_to, hazard_classes, loaded_only,
       permit_required, half_width_m, direction, road_class, speed_limit_kmh, start_minute, end_minute,
       weekdays, lane_count, lane_width_m, designated_lane
FROM fences WHERE valid_to IS NULL OR valid_to > %(since)s ORDER BY fence_id, valid_from

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
