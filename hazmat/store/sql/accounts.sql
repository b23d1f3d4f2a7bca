-- name: account
-- One account with what a sign-in needs to know, by login.
SELECT account_id, login, name, role, carrier_id, department, language, disabled, must_change_password,
       totp_secret IS NOT NULL AS has_totp, password_hash, failures, locked_until, totp_secret, totp_last_step
  FROM accounts WHERE login = %(login)s

-- name: accounts
-- All accounts, by login.
SELECT account_id, login, name, role, carrier_id, department, language, disabled, must_change_password,
       totp_secret IS NOT NULL AS has_totp, locked_until, created_at,
       (SELECT max(last_seen_at) FROM sessions s WHERE s.account_id = a.account_id) AS last_seen_at
  FROM accounts a ORDER BY login

-- name: add
-- A new account; no row if the login is taken.
INSERT INTO accounts (login, name, role, carrier_id, department, language, password_hash,
                      must_change_password)
VALUES (%(login)s, %(name)s, %(role)s, %(carrier_id)s, %(department)s, %(language)s, %(password_hash)s,
        %(must_change_password)s)
ON CONFLICT (login) DO NOTHING
RETURNING account_id

-- name: open_session
-- A browser's session.
INSERT INTO sessions (account_id, key_hash, csrf, created_at, last_seen_at, expires_at, address, user_agent)
VALUES (%(account_id)s, %(key_hash)s, %(csrf)s, %(at)s, %(at)s, %(expires_at)s, %(address)s, %(user_agent)s)
RETURNING session_id

-- name: session
-- The account behind a session that is neither revoked, expired nor idle for too long.
SELECT s.session_id, s.csrf, s.last_seen_at, a.account_id, a.login, a.name, a.role, a.carrier_id,
       a.department, a.language, a.disabled, a.must_change_password, a.totp_secret IS NOT NULL AS has_totp
  FROM sessions s JOIN accounts a USING (account_id)
 WHERE s.key_hash = %(key_hash)s AND s.revoked_at IS NULL AND s.expires_at > %(at)s
   AND s.last_seen_at > %(idle_since)s AND NOT a.disabled

-- name: see_session
-- A session is used again.
UPDATE sessions SET last_seen_at = %(at)s WHERE session_id = %(session_id)s

-- name: revoke_session
-- A session ends; the account must be its own. No row: there is none such.
UPDATE sessions SET revoked_at = %(at)s
 WHERE session_id = %(session_id)s AND account_id = %(account_id)s AND revoked_at IS NULL
RETURNING session_id

-- name: revoke_sessions
-- All sessions of an account end, but for one (0: none is kept).
UPDATE sessions SET revoked_at = %(at)s
 WHERE account_id = %(account_id)s AND session_id <> %(kept)s AND revoked_at IS NULL
RETURNING session_id

-- name: token
-- The account behind an API token that is neither revoked nor expired, and the token's scopes.
SELECT t.token_id, t.scopes, t.last_used_at, a.account_id, a.login, a.name, a.role, a.carrier_id,
       a.department, a.language, a.disabled, a.must_change_password, a.totp_secret IS NOT NULL AS has_totp
  FROM api_tokens t JOIN accounts a USING (account_id)
 WHERE t.key_hash = %(key_hash)s AND t.revoked_at IS NULL AND t.expires_at > %(at)s AND NOT a.disabled

-- name: see_token
-- A token is used again.
UPDATE api_tokens SET last_used_at = %(at)s WHERE token_id = %(token_id)s
