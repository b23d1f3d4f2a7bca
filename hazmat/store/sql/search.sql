-- name: search
-- Vehicles whose plate, id, carrier, waybill in force or goods fit: what fits best first. A carrier that is
-- named sees its own alone; a plate is compared without the dot and spaces that people write into it.
SELECT v.vehicle_id AS id, v.plate, v.plate_colour AS colour, v.carrier_name AS carrier,
       coalesce(w.waybill_no, '') AS waybill, coalesce(w.un_no, '') AS un, coalesce(w.goods_name, '') AS goods,
       (l.lon IS NOT NULL AND l.lon <> 'NaN') AS located,
       CASE WHEN v.plate ILIKE %(plate)s OR v.vehicle_id ILIKE %(plate)s THEN 'plate'
            WHEN w.waybill_no ILIKE %(text)s THEN 'waybill'
            WHEN v.carrier_name ILIKE %(text)s THEN 'carrier' ELSE 'goods' END AS found_by
  FROM vehicles v
  LEFT JOIN last_known l USING (vehicle_id)
  LEFT JOIN LATERAL (SELECT waybill_no, un_no, goods_name FROM waybills b
                      WHERE b.vehicle_id = v.vehicle_id AND b.valid_from <= %(at)s AND b.valid_to > %(at)s
                      ORDER BY valid_from DESC LIMIT 1) w ON true
 WHERE (%(tenant)s::text IS NULL OR v.carrier_id = %(tenant)s)
   AND (v.plate ILIKE %(plate)s OR v.vehicle_id ILIKE %(plate)s OR v.carrier_name ILIKE %(text)s
        OR w.waybill_no ILIKE %(text)s OR w.goods_name ILIKE %(text)s
        OR right(w.un_no, 4) = ANY (%(numbers)s::text[]))
 ORDER BY CASE WHEN v.plate ILIKE %(plate)s OR v.vehicle_id ILIKE %(plate)s THEN 0
               WHEN w.waybill_no ILIKE %(text)s THEN 1
               WHEN v.carrier_name ILIKE %(text)s THEN 2 ELSE 3 END, v.plate, v.vehicle_id
 LIMIT %(rows)s

-- name: papers
-- Carrier, and of the waybill in force its number and goods, of every vehicle that reported; sorted by id.
SELECT l.vehicle_id, coalesce(v.carrier_id, ''), coalesce(v.carrier_name, ''), coalesce(w.hazard_class, ''),
       coalesce(w.un_no, ''), coalesce(w.goods_name, ''), coalesce(w.waybill_no, '')
  FROM last_known l
  LEFT JOIN vehicles v USING (vehicle_id)
  LEFT JOIN LATERAL (SELECT hazard_class, un_no, goods_name, waybill_no FROM waybills b
                      WHERE b.vehicle_id = l.vehicle_id AND b.valid_from <= %(at)s AND b.valid_to > %(at)s
                      ORDER BY valid_from DESC LIMIT 1) w ON true
 WHERE %(tenant)s::text IS NULL OR v.carrier_id = %(tenant)s
 ORDER BY l.vehicle_id
