-- name: account
-- One account with what a sign-in needs to know, by login.
SELECT account_id, login, name, role, carrier_id, department, language, disabled, must_change_password,
       totp_secret IS NOT NULL AS has_totp, password_hash, totp_secret
  FROM accounts WHERE login = %(login)s

-- name: account_by_id
-- The same, by its number.
SELECT account_id, login, name, role, carrier_id, department, language, disabled, must_change_password,
       totp_secret IS NOT NULL AS has_totp, password_hash, totp_secret
  FROM accounts WHERE account_id = %(account_id)s

-- name: add
-- A new account; no row if the login is taken.
INSERT INTO accounts (login, name, role, carrier_id, department, language, password_hash,
                      must_change_password)
VALUES (%(login)s, %(name)s, %(role)s, %(carrier_id)s, %(department)s, %(language)s, %(password_hash)s,
        %(must_change_password)s)
ON CONFLICT (login) DO NOTHING
RETURNING account_id

-- name: set_language
-- The language that an account has chosen.
UPDATE accounts SET language = %(language)s WHERE account_id = %(account_id)s

-- name: forget_failures
-- What was wrong so long ago counts no more.
DELETE FROM sign_in_failures WHERE last_at < %(since)s

-- name: begin_failures
-- A name that had no failure so far.
INSERT INTO sign_in_failures (login, failures, last_at) VALUES (%(login)s, 0, %(at)s)
ON CONFLICT DO NOTHING

-- name: failures
-- Failures of a name; others that try the same name wait for us.
SELECT failures, locked_until FROM sign_in_failures WHERE login = %(login)s FOR UPDATE

-- name: set_failures
-- An attempt is counted before it is judged.
UPDATE sign_in_failures
   SET failures = %(failures)s, locked_until = %(locked_until)s, last_at = %(at)s
 WHERE login = %(login)s

-- name: forgive
-- The last attempt was right, yet the sign-in is not complete: it counts no more, those before do.
UPDATE sign_in_failures
   SET failures = greatest(failures - 1, 0), locked_until = NULL WHERE login = %(login)s

-- name: clear_failures
-- Signed in: no failures.
DELETE FROM sign_in_failures WHERE login = %(login)s

-- name: browser
-- Names that have signed in from a browser.
SELECT login FROM known_browsers JOIN accounts USING (account_id)
 WHERE key_hash = %(browser_hash)s AND last_at > %(since)s

-- name: forget_browsers
-- Browsers that have not been used for long are known no more.
DELETE FROM known_browsers WHERE last_at <= %(since)s

-- name: know_browser
-- An account has signed in from a browser.
INSERT INTO known_browsers (key_hash, account_id, last_at) VALUES (%(browser_hash)s, %(account_id)s, %(at)s)
ON CONFLICT (key_hash, account_id) DO UPDATE SET last_at = excluded.last_at

-- name: use_code
-- A code of the second step counts once: no row if this one or a later one has counted.
UPDATE accounts SET totp_last_step = %(step)s
 WHERE account_id = %(account_id)s AND totp_last_step < %(step)s
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

-- name: sessions
-- An account's open sessions, the one used last first.
SELECT session_id, created_at, last_seen_at, expires_at, address, user_agent FROM sessions
 WHERE account_id = %(account_id)s AND revoked_at IS NULL AND expires_at > %(at)s
   AND last_seen_at > %(idle_since)s
 ORDER BY last_seen_at DESC, session_id DESC

-- name: see_session
-- A session is used again.
UPDATE sessions SET last_seen_at = %(at)s WHERE session_id = %(session_id)s

-- name: revoke_session
-- A session ends; the account must be its own. No row: there is none such.
UPDATE sessions SET revoked_at = %(at)s
 WHERE session_id = %(session_id)s AND account_id = %(account_id)s AND revoked_at IS NULL
RETURNING session_id

-- name: replace_session
-- A browser signs in again: what it was before ends, whoever's it was.
UPDATE sessions SET revoked_at = %(at)s WHERE session_id = %(replaced)s AND revoked_at IS NULL

-- name: token
-- The account behind an API token that is neither revoked nor expired, and the token's scopes.
SELECT t.token_id, t.scopes, t.last_used_at, a.account_id, a.login, a.name, a.role, a.carrier_id,
       a.department, a.language, a.disabled, a.must_change_password, a.totp_secret IS NOT NULL AS has_totp
  FROM api_tokens t JOIN accounts a USING (account_id)
 WHERE t.key_hash = %(key_hash)s AND t.revoked_at IS NULL AND t.expires_at > %(at)s AND NOT a.disabled

-- name: see_token
-- A token is used again.
UPDATE api_tokens SET last_used_at = %(at)s WHERE token_id = %(token_id)s
