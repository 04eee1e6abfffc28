\connect :"database"
-- Only the owner may use the schema public. The last statement removes the access of the current user.
DO $schema$
DECLARE
  owner text := (SELECT pg_get_userbyid(datdba) FROM pg_database WHERE datname = current_database());
  schema_owner oid := (SELECT nspowner FROM pg_namespace WHERE nspname = 'public');
BEGIN
  -- In a new database it is pg_database_owner, whose only member is the owner of the database.
  IF NOT pg_has_role(owner, schema_owner, 'USAGE') THEN
    RAISE EXCEPTION '% does not own the schema public of %; ALTER SCHEMA public OWNER TO %, as its owner',
      owner, current_database(), owner;
  END IF;
  IF schema_owner IS NOT NULL THEN
    REVOKE ALL ON SCHEMA public FROM PUBLIC;
  END IF;
  EXECUTE format('REVOKE %I FROM CURRENT_USER', owner);
END
$schema$;
SELECT format('%s belongs to %s, who may open %s connections', datname, rolname, rolconnlimit)
FROM pg_database JOIN pg_roles ON pg_roles.oid = datdba WHERE datname = current_database();
