\set SHOW_CONTEXT never
\pset tuples_only on
\pset format unaligned

-- max_connections, without reserved ones and 10 for operators and monitoring, in equal parts.
CREATE FUNCTION pg_temp.connections_for_each_owner() RETURNS integer LANGUAGE sql AS $connections$
  SELECT ((sum(CASE name WHEN 'max_connections' THEN setting::integer ELSE -setting::integer END) - 10)
          / (SELECT count(*) FROM wanted))::integer
  FROM pg_settings
  WHERE name IN ('max_connections', 'superuser_reserved_connections', 'reserved_connections',
                 'rds.rds_superuser_reserved_connections')
$connections$;

-- Reports all problems together, before any change.
DO $check$
DECLARE
  problems text;
BEGIN
  SELECT string_agg('  ' || problem, E'\n') INTO problems FROM (
    SELECT 'the connection is not encrypted; add sslmode=verify-full and sslrootcert' AS problem
    FROM pg_stat_ssl WHERE pid = pg_backend_pid() AND NOT ssl AND inet_client_addr() IS NOT NULL
    UNION ALL
    SELECT format('%s may not create roles and databases; connect as the master user', rolname)
    FROM pg_roles WHERE rolname = current_user AND NOT rolsuper AND NOT (rolcreaterole AND rolcreatedb)
    UNION ALL
    SELECT format('max_connections = %s leaves %s for each owner; raise it',
                  current_setting('max_connections'), pg_temp.connections_for_each_owner())
    WHERE pg_temp.connections_for_each_owner() < 1
    UNION ALL
    SELECT format('%s is the role of this connection, and would own %s; connect as the master user', owner, database)
    FROM wanted WHERE owner = current_user
    UNION ALL
    SELECT format('%s is a superuser, replicates or bypasses row security; an owner must not', owner)
    FROM wanted JOIN pg_roles ON rolname = owner WHERE rolsuper OR rolreplication OR rolbypassrls
    UNION ALL
    SELECT format('%s is a member of %s; REVOKE %I FROM %I', owner, theirs.rolname, theirs.rolname, owner)
    FROM wanted JOIN pg_roles own ON own.rolname = owner
    JOIN pg_auth_members ON member = own.oid JOIN pg_roles theirs ON theirs.oid = roleid
    UNION ALL
    -- Since 16, CREATEROLE does not allow changes of roles that another role created.
    SELECT format('%s may not change the role %s; GRANT %I TO %I WITH ADMIN OPTION, as who made it',
                  current_user, owner, owner, current_user)
    FROM wanted JOIN pg_roles ON rolname = owner
    WHERE current_setting('server_version_num')::integer >= 160000
      AND NOT pg_has_role(current_user, pg_roles.oid, 'MEMBER WITH ADMIN OPTION')
    UNION ALL
    SELECT format('the database %s belongs to %s, not to %s; rename it, and load it (pg_dump --no-owner) into the new one',
                  database, pg_get_userbyid(datdba), owner)
    FROM wanted JOIN pg_database ON datname = database WHERE pg_get_userbyid(datdba) <> owner
  ) AS found;
  IF problems IS NOT NULL THEN
    RAISE EXCEPTION E'nothing was changed, because\n%', problems;
  END IF;
END
$check$;

-- The owners, in one transaction.
DO $owners$
DECLARE
  one record;
BEGIN
  FOR one IN SELECT * FROM wanted ORDER BY owner LOOP
    IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = one.owner) THEN
      EXECUTE format('CREATE ROLE %I NOSUPERUSER NOREPLICATION NOBYPASSRLS', one.owner);
    END IF;
    EXECUTE format('ALTER ROLE %I LOGIN NOCREATEDB NOCREATEROLE CONNECTION LIMIT %s VALID UNTIL ''infinity''',
                   one.owner, pg_temp.connections_for_each_owner());
    -- Defaults that a session may change: a longer migration starts with SET statement_timeout = 0.
    EXECUTE format('ALTER ROLE %I SET statement_timeout = ''60s''', one.owner);
    EXECUTE format('ALTER ROLE %I SET lock_timeout = ''10s''', one.owner);
    EXECUTE format('ALTER ROLE %I SET idle_in_transaction_session_timeout = ''60s''', one.owner);
    IF one.verifier IS NOT NULL THEN
      EXECUTE format('ALTER ROLE %I PASSWORD %L', one.owner, one.verifier);
    END IF;
    -- Creating a database for a role, and changing it, requires membership. database.sql revokes it for each database.
    EXECUTE format('GRANT %I TO CURRENT_USER', one.owner);
  END LOOP;
END
$owners$;

-- CREATE DATABASE cannot run in a transaction. template0 cannot contain objects of other users.
SELECT format('CREATE DATABASE %I OWNER %I TEMPLATE template0 ENCODING ''UTF8''', database, owner)
FROM wanted WHERE database NOT IN (SELECT datname FROM pg_database) ORDER BY database
\gexec

-- Only the owner may connect to a database, and only the master user to postgres and template1.
DO $databases$
DECLARE
  one record;
BEGIN
  FOR one IN SELECT datname FROM pg_database
             WHERE datname IN (SELECT database FROM wanted)
                OR datname IN ('postgres', 'template1') AND pg_has_role(current_user, datdba, 'USAGE')
             ORDER BY datname LOOP
    EXECUTE format('REVOKE ALL ON DATABASE %I FROM PUBLIC', one.datname);
  END LOOP;
  FOR one IN SELECT theirs.database, ours.owner FROM wanted theirs JOIN wanted ours ON ours.owner <> theirs.owner
             ORDER BY theirs.database, ours.owner LOOP
    EXECUTE format('REVOKE ALL ON DATABASE %I FROM %I', one.database, one.owner);
  END LOOP;
  FOR one IN SELECT owner, datname, datname IN (SELECT database FROM wanted) AS ours
             FROM wanted JOIN pg_database ON datname <> database
             WHERE datallowconn AND has_database_privilege(owner, datname, 'CONNECT')
             ORDER BY datname, owner LOOP
    IF one.ours THEN
      RAISE EXCEPTION '% may still connect to the database %', one.owner, one.datname;
    END IF;
    RAISE WARNING '% may connect to the database % too; REVOKE CONNECT ON DATABASE % FROM PUBLIC, as its owner',
      one.owner, one.datname, one.datname;
  END LOOP;
END
$databases$;
