-- What keys of other purposes are derived from (the spool's), wrapped by the vault key: every node has the same, and it outlives a vault key.
alter table vault add column secret bytea;

-- Data keys wrapped by older keys than this are refused: the key that opens them is gone.
alter table environment add column oldest_key_generation integer not null default 1;

-- Which of its environment's keys wrapped a data key (server/vault/generation.ts).
create function data_key_generation(data_key bytea) returns bigint language sql immutable strict parallel safe as $$
  select case when length(data_key) > 5 and get_byte(data_key, 0) = 2
    then (get_byte(data_key, 1)::bigint << 24) + (get_byte(data_key, 2) << 16) + (get_byte(data_key, 3) << 8) + get_byte(data_key, 4)
    else 1 end
$$;

-- One row for each rotation of an environment's key. Where it stands is in the environment's keys; this is for people, and for the times to wait.
create table vault_rotation (
  environment_id uuid not null references environment on delete cascade,
  generation integer not null,
  announced_at timestamptz not null default hawser_now(),
  switched_at timestamptz,
  finished_at timestamptz,
  rewrapped bigint not null default 0,
  primary key (environment_id, generation)
);

-- A process that slept through a rotation must fail, not store what nobody can open. The share lock makes the rotation's end wait for rows that
-- are on their way. The name of the data key's column is the trigger's argument.
create function hawser_refuse_retired_key() returns trigger language plpgsql as $$
declare
  data_key bytea := decode(substr(to_jsonb(new) ->> tg_argv[0], 3), 'hex');
  oldest integer;
begin
  if data_key is null then return new; end if;
  select oldest_key_generation into oldest from environment where id = new.environment_id for share;
  if data_key_generation(data_key) < oldest then
    raise exception 'this row was encrypted with a key of its environment that has been rotated away: restart the server that wrote it';
  end if;
  return new;
end $$;

create trigger refuse_retired_key before insert or update of data_key on "grant"
  for each row execute function hawser_refuse_retired_key('data_key');
create trigger refuse_retired_key before insert or update of data_key on oauth_client
  for each row execute function hawser_refuse_retired_key('data_key');
create trigger refuse_retired_key before insert or update of data_key on connect_session
  for each row execute function hawser_refuse_retired_key('data_key');
create trigger refuse_retired_key before insert or update of data_key on pending_oauth
  for each row execute function hawser_refuse_retired_key('data_key');
create trigger refuse_retired_key before insert or update of webhook_data_key on integration
  for each row execute function hawser_refuse_retired_key('webhook_data_key');
create trigger refuse_retired_key before insert or update of secret_config_data_key on connection
  for each row execute function hawser_refuse_retired_key('secret_config_data_key');
