-- More of the registry: figures of vehicles, what passes allow, people and carriers, numbers of the rules as
-- data, public holidays. Columns are named as the fields of hazmat.documents, hazmat.geofences and
-- hazmat.rule_settings; NULL: not registered, and then not checked.

ALTER TABLE vehicles
    ADD COLUMN trailer_plate            text NOT NULL DEFAULT '',
    ADD COLUMN has_load_sensor          boolean NOT NULL DEFAULT true,
    ADD COLUMN approved_load_t          double precision CHECK (approved_load_t BETWEEN 0.001 AND 1000),
    ADD COLUMN tank_volume_m3           double precision CHECK (tank_volume_m3 BETWEEN 0.001 AND 1000),
    ADD COLUMN set_pressure_kpa         double precision CHECK (set_pressure_kpa BETWEEN 0.001 AND 1e6),
    ADD COLUMN tank_temp_min_c          double precision CHECK (tank_temp_min_c BETWEEN -273 AND 1000),
    ADD COLUMN tank_temp_max_c          double precision CHECK (tank_temp_max_c BETWEEN -273 AND 1000),
    ADD COLUMN inspection_valid_to      timestamptz(3),
    ADD COLUMN tank_inspection_valid_to timestamptz(3),
    ADD CHECK (tank_temp_max_c > tank_temp_min_c);

ALTER TABLE waybills
    ADD COLUMN trailer_plate  text NOT NULL DEFAULT '',
    ADD COLUMN planned_stay_h double precision CHECK (planned_stay_h > 0 AND planned_stay_h < 10000);

ALTER TABLE permits
    ADD COLUMN kind       text NOT NULL DEFAULT 'roads' CHECK (kind IN ('roads', 'toxic')),
    ADD COLUMN state      text NOT NULL DEFAULT 'active' CHECK (state IN ('active', 'used_up', 'revoked')),
    ADD COLUMN un_nos     text[] NOT NULL DEFAULT '{}',
    ADD COLUMN max_load_t double precision CHECK (max_load_t > 0 AND max_load_t < 1000),
    ADD COLUMN holidays   text NOT NULL DEFAULT 'too' CHECK (holidays IN ('too', 'only', 'not'));

ALTER TABLE fences
    ADD COLUMN tunnel_category text CHECK (tunnel_category IN ('A', 'B', 'C', 'D', 'E')), -- ADR 1.9.5.2
    ADD COLUMN capacity        integer CHECK (capacity > 0), -- vehicles that fit into a park
    ADD COLUMN holidays        text NOT NULL DEFAULT 'too' CHECK (holidays IN ('too', 'only', 'not'));

ALTER TABLE blacklist DROP CONSTRAINT blacklist_kind_check;
ALTER TABLE blacklist ADD CONSTRAINT blacklist_kind_check
    CHECK (kind IN ('vehicle', 'driver', 'escort', 'enterprise', 'permit'));

CREATE TABLE people (
    person_id      text COLLATE "C" PRIMARY KEY CHECK (person_id <> '' AND octet_length(person_id) <= 32),
    name           text NOT NULL,
    carrier_id     text COLLATE "C" NOT NULL,
    certificate_no text NOT NULL, -- empty: none
    may_drive      boolean NOT NULL,
    may_escort     boolean NOT NULL,
    hazard_classes text[] NOT NULL, -- empty: all
    code           text NOT NULL CHECK (code IN ('blue', 'yellow', 'red')),
    valid_from     timestamptz(3) NOT NULL,
    valid_to       timestamptz(3) NOT NULL,
    CHECK (valid_to > valid_from)
);

CREATE TABLE carriers (
    carrier_id     text COLLATE "C" PRIMARY KEY CHECK (carrier_id <> '' AND octet_length(carrier_id) <= 32),
    name           text NOT NULL,
    licence_no     text NOT NULL,
    hazard_classes text[] NOT NULL, -- empty: all
    valid_from     timestamptz(3) NOT NULL,
    valid_to       timestamptz(3) NOT NULL,
    CHECK (valid_to > valid_from)
);

-- What an administrator set instead of a rule's own numbers; NULL and absent names: as the rule defines.
CREATE TABLE rule_settings (
    rule_id     text COLLATE "C" NOT NULL CHECK (rule_id <> ''),
    valid_from  timestamptz(3) NOT NULL,
    valid_to    timestamptz(3) CHECK (valid_to > valid_from),
    enabled     boolean,
    limits      jsonb NOT NULL DEFAULT '{}' CHECK (jsonb_typeof(limits) = 'object'), -- name to number
    hold_s      double precision CHECK (hold_s >= 0),
    hold_fixes  integer CHECK (hold_fixes >= 1),
    clear_s     double precision CHECK (clear_s >= 0),
    clear_fixes integer CHECK (clear_fixes >= 1),
    gap_s       double precision CHECK (gap_s > 0),
    cool_down_s double precision CHECK (cool_down_s >= 0),
    note        text NOT NULL DEFAULT '',
    PRIMARY KEY (rule_id, valid_from)
);

CREATE TABLE holidays (day date PRIMARY KEY); -- public holidays, local days

-- Why the flow keeps judging by an older version than the newest; empty: it does not.
ALTER TABLE registry_version ADD COLUMN refusal text NOT NULL DEFAULT '';

CREATE TRIGGER raise_version AFTER INSERT OR UPDATE OR DELETE OR TRUNCATE ON people
    FOR EACH STATEMENT EXECUTE FUNCTION raise_registry_version();
CREATE TRIGGER raise_version AFTER INSERT OR UPDATE OR DELETE OR TRUNCATE ON carriers
    FOR EACH STATEMENT EXECUTE FUNCTION raise_registry_version();
CREATE TRIGGER raise_version AFTER INSERT OR UPDATE OR DELETE OR TRUNCATE ON rule_settings
    FOR EACH STATEMENT EXECUTE FUNCTION raise_registry_version();
CREATE TRIGGER raise_version AFTER INSERT OR UPDATE OR DELETE OR TRUNCATE ON holidays
    FOR EACH STATEMENT EXECUTE FUNCTION raise_registry_version();
