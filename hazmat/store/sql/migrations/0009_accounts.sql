-- Who may sign in, their sessions and tokens, what was done; how alerts are handled until incidents exist.

CREATE TABLE accounts (
    account_id           bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    login                text COLLATE "C" NOT NULL UNIQUE CHECK (login ~ '^[a-z0-9][a-z0-9._-]{1,63}$'),
    name                 text NOT NULL CHECK (name <> ''),
    role                 text NOT NULL CHECK (role IN
        ('control_room', 'officer', 'inspector', 'enterprise', 'auditor', 'administrator')),
    carrier_id           text COLLATE "C" NOT NULL DEFAULT '',
    department           text,
    language             text CHECK (language IN ('zh', 'en')),
    password_hash        text NOT NULL, -- argon2id with its parameters
    must_change_password boolean NOT NULL,
    totp_secret          text, -- base32; NULL: no second factor
    totp_last_step       bigint NOT NULL DEFAULT 0, -- a code counts once
    disabled             boolean NOT NULL DEFAULT false,
    created_at           timestamptz(3) NOT NULL DEFAULT now(),
    CHECK ((role = 'enterprise') = (carrier_id <> '')),
    CHECK ((role IN ('officer', 'inspector')) = (department IS NOT NULL))
);

-- Wrong passwords and codes in a row, by the name as typed: names that nobody has are locked as well, so that
-- a lock tells nobody which names exist.
CREATE TABLE sign_in_failures (
    login        text COLLATE "C" PRIMARY KEY,
    failures     integer NOT NULL CHECK (failures >= 0),
    last_at      timestamptz(3) NOT NULL,
    locked_until timestamptz(3)
);

-- Browsers that an account has signed in from: others' wrong passwords do not lock these out.
CREATE TABLE known_browsers (
    key_hash   bytea NOT NULL, -- sha-256 of the cookie
    account_id bigint NOT NULL REFERENCES accounts,
    last_at    timestamptz(3) NOT NULL,
    PRIMARY KEY (key_hash, account_id)
);

-- The password was right, the code of the second step is still to come.
CREATE TABLE pending_sign_ins (
    key_hash   bytea PRIMARY KEY, -- sha-256 of the cookie
    account_id bigint NOT NULL REFERENCES accounts,
    expires_at timestamptz(3) NOT NULL
);

CREATE TABLE sessions (
    session_id   bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    account_id   bigint NOT NULL REFERENCES accounts,
    key_hash     bytea NOT NULL UNIQUE, -- sha-256 of the cookie: who reads this table cannot sign in
    csrf         text NOT NULL,
    created_at   timestamptz(3) NOT NULL,
    last_seen_at timestamptz(3) NOT NULL,
    expires_at   timestamptz(3) NOT NULL,
    revoked_at   timestamptz(3),
    address      text NOT NULL,
    user_agent   text NOT NULL
);
CREATE INDEX sessions_account ON sessions (account_id, last_seen_at DESC);

CREATE TABLE api_tokens (
    token_id     bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    account_id   bigint NOT NULL REFERENCES accounts,
    name         text NOT NULL CHECK (name <> ''),
    key_hash     bytea NOT NULL UNIQUE,
    scopes       text[] NOT NULL CHECK (cardinality(scopes) > 0),
    created_at   timestamptz(3) NOT NULL,
    last_used_at timestamptz(3),
    expires_at   timestamptz(3) NOT NULL,
    revoked_at   timestamptz(3)
);
CREATE INDEX api_tokens_account ON api_tokens (account_id);

-- Rows that are written once: no update, no delete, not even by a mistake of ours.
CREATE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '% is append-only', TG_TABLE_NAME USING ERRCODE = 'restrict_violation';
END $$;

CREATE TABLE audit_log (
    entry_id    bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    at          timestamptz(3) NOT NULL,
    account_id  bigint, -- NULL: nobody was signed in
    login       text NOT NULL, -- as typed, where nobody was signed in
    role        text NOT NULL,
    address     text NOT NULL,
    action      text NOT NULL,
    object_kind text NOT NULL,
    object_id   text NOT NULL,
    outcome     text NOT NULL CHECK (outcome IN ('done', 'denied', 'failed')),
    detail      jsonb NOT NULL DEFAULT '{}'
);
CREATE INDEX audit_log_newest ON audit_log (at DESC, entry_id DESC);
CREATE INDEX audit_log_login ON audit_log (login, at DESC);
CREATE INDEX audit_log_object ON audit_log (object_kind, object_id, at DESC);
CREATE TRIGGER refuse_change BEFORE UPDATE OR DELETE OR TRUNCATE ON audit_log
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

-- What people did about an alert: acknowledged it, claimed or released it, wrote a note, took a photo. The
-- present holder is the account of the last claim without a later release.
CREATE TABLE alert_handlings (
    handling_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    alert_id    text COLLATE "C" NOT NULL REFERENCES alerts,
    account_id  bigint NOT NULL REFERENCES accounts,
    at          timestamptz(3) NOT NULL,
    kind        text NOT NULL CHECK (kind IN ('acknowledge', 'claim', 'release', 'note', 'photo')),
    text        text NOT NULL DEFAULT '',
    draft_key   text COLLATE "C" UNIQUE -- made on the phone: the same draft sent twice counts once
);
CREATE INDEX alert_handlings_alert ON alert_handlings (alert_id, handling_id);
CREATE INDEX alert_handlings_claims ON alert_handlings (account_id) WHERE kind = 'claim'; -- "mine"
CREATE TRIGGER refuse_change BEFORE UPDATE OR DELETE OR TRUNCATE ON alert_handlings
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

CREATE TABLE photos (
    handling_id bigint PRIMARY KEY REFERENCES alert_handlings,
    name        text NOT NULL, -- as the phone called it, cleaned
    width       integer NOT NULL CHECK (width > 0),
    height      integer NOT NULL CHECK (height > 0),
    sha256      bytea NOT NULL, -- of the content
    content     bytea NOT NULL, -- JPEG, written anew from the pixels: no position, no serial number
    thumbnail   bytea NOT NULL
);
CREATE TRIGGER refuse_change BEFORE UPDATE OR DELETE OR TRUNCATE ON photos
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

-- Who set a rule's numbers and when; NULL: imported.
ALTER TABLE rule_settings
    ADD COLUMN set_by text,
    ADD COLUMN set_at timestamptz(3);

-- When a partition's last batch was stored: whether the flow still works, whatever the terminals say.
ALTER TABLE progress ADD COLUMN committed_at timestamptz(3);

-- A terminal's day in figures, reckoned from positions now and then by hazmat.store.terminal_days: asking the
-- fixes themselves of a whole fleet takes too long for a page.
CREATE TABLE terminal_days (
    vehicle_id    text COLLATE "C" NOT NULL,
    day           date NOT NULL, -- Asia/Shanghai
    fixes         integer NOT NULL,
    interval_s    double precision, -- the median between two fixes while it moved
    moving_s      double precision NOT NULL,
    missing_s     double precision NOT NULL, -- of moving_s: without fix for longer than two intervals
    leaps         integer NOT NULL, -- fixes that no truck could have reached
    clock_error_s double precision, -- median of received_at less fix_time of what did not come late
    reckoned_at   timestamptz(3) NOT NULL,
    PRIMARY KEY (day, vehicle_id)
);
