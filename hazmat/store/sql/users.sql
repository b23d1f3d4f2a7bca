-- name: users
-- All accounts by login, with when each was last seen and how long it is locked.
SELECT account_id, a.login, name, role, carrier_id, department, language, disabled, must_change_password,
       totp_secret IS NOT NULL AS has_totp, created_at,
       (SELECT locked_until FROM sign_in_failures f WHERE f.login = a.login AND locked_until > %(at)s)
           AS locked_until,
       (SELECT max(last_seen_at) FROM sessions s WHERE s.account_id = a.account_id) AS last_seen_at
  FROM accounts a ORDER BY a.login

-- name: edit
-- What an administrator may change of an account.
UPDATE accounts
   SET name = %(name)s, role = %(role)s, carrier_id = %(carrier_id)s, department = %(department)s
 WHERE account_id = %(account_id)s

-- name: set_disabled
-- An account is closed or opened again.
UPDATE accounts SET disabled = %(disabled)s WHERE account_id = %(account_id)s

-- name: reset
-- A password made by others, to be changed at the first sign-in; the second step is off.
UPDATE accounts
   SET password_hash = %(password_hash)s, must_change_password = true, totp_secret = NULL, totp_last_step = 0
 WHERE account_id = %(account_id)s

-- name: lock_users
-- Changes of accounts wait for each other: two administrators cannot take each other's role at once.
SELECT pg_advisory_xact_lock(hashtext('hazmat.accounts'))

-- name: administrators
-- How many administrators can sign in.
SELECT count(*) FROM accounts WHERE role = 'administrator' AND NOT disabled

-- name: any_account
-- Whether anybody can sign in at all.
SELECT EXISTS (SELECT FROM accounts WHERE NOT disabled)

-- name: carriers
-- Carriers that an enterprise's account can be tied to: registered or with vehicles, and their names.
SELECT carrier_id, max(name) AS name
  FROM (SELECT carrier_id, name FROM carriers
         UNION ALL SELECT carrier_id, carrier_name FROM vehicles WHERE carrier_id <> '') known
 GROUP BY carrier_id ORDER BY carrier_id

-- name: busiest_carrier
-- The carrier with the most vehicles.
SELECT carrier_id FROM vehicles WHERE carrier_id <> '' GROUP BY carrier_id
 ORDER BY count(*) DESC, carrier_id LIMIT 1
