-- Plain PostgreSQL: one partition a UTC day, named positions_YYYYMMDD, made by the store when first needed.

CREATE TABLE positions (LIKE position_columns INCLUDING ALL) PARTITION BY RANGE (fix_time);
DROP TABLE position_columns;
