-- The key of the audit's chains, wrapped by the vault key: who can only write to the database cannot compute a row's hash.
create table audit_key (
  id boolean primary key default true check (id),
  wrapped bytea not null
);

-- What a row says of a natural person. The row holds the digest alone, so that this can be erased while the chain stays whole.
create table audit_person (
  digest bytea primary key,
  environment_id uuid not null,
  end_user_id text,
  address text,
  salt bytea not null,
  created_at timestamptz not null
);
create index audit_person_by_end_user on audit_person (environment_id, end_user_id);
create index audit_person_by_age on audit_person (created_at);

-- Up to where a chain's beginning was removed after its time of retention. `mac` is made with the audit's key.
create table audit_checkpoint (
  chain uuid primary key,
  seq bigint not null,
  hash bytea not null,
  mac bytea not null
);

create index audit_event_by_connection on audit_event (environment_id, (subject ->> 'connection'), at desc) where subject ? 'connection';
create index audit_event_erasures on audit_event using gin ((subject -> 'persons')) where action = 'audit.person_erased';
