-- `generation` only ever grows while a server is up: a database in which it is smaller than a data directory has seen is an older copy of itself.
-- 0: no server has taken this database into use yet.
alter table vault
  add column generation bigint not null default 0,
  add column seen_at timestamptz not null default hawser_now(),
  -- Which PostgreSQL cluster and database the row was written in: a dump that is restored elsewhere brings the former one's name along.
  add column home text;

-- Only a new epoch is news to all nodes; the heartbeat is not.
create function hawser_announce_vault() returns trigger language plpgsql as $$
begin
  perform pg_notify('hawser_changed', 'vault:' || new.epoch);
  return null;
end $$;
create trigger announce after update on vault for each row when (old.epoch <> new.epoch) execute function hawser_announce_vault();

-- The kill switch: what is listed here is neither used nor refreshed. Few rows, which every node keeps in memory.
create table frozen (
  id uuid primary key,
  environment_id uuid not null references environment on delete cascade,
  integration_id uuid references integration on delete cascade,
  connection_id uuid references connection on delete cascade,
  reason text not null,
  frozen_at timestamptz not null default hawser_now(),
  check (integration_id is null or connection_id is null)
);
create unique index frozen_place on frozen (environment_id, integration_id, connection_id) nulls not distinct;
create index frozen_by_integration on frozen (integration_id) where integration_id is not null;
create index frozen_by_connection on frozen (connection_id) where connection_id is not null;
create trigger announce after insert or update or delete on frozen for each row execute function hawser_announce();

-- Idle grants are renewed by age, a few at a time.
create index grant_by_renewal on "grant" (refreshed_at) where broken_at is null and fingerprint is not null;
