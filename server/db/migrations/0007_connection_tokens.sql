-- What a list shows of a token, and tokens that were made from a JWT: those end with the signing key in place of an API key.
alter table connection_token
  alter column api_key_id drop not null,
  add column signing_key_id uuid references signing_key on delete cascade,
  add column display_name text,
  add column hint text,
  add column last_used_at timestamptz,
  add constraint connection_token_of_one_key check (num_nonnulls(api_key_id, signing_key_id) = 1) not valid;
create index connection_token_by_signing_key on connection_token (signing_key_id, connection_id) where signing_key_id is not null;
create index connection_token_by_environment on connection_token (environment_id, id);

-- The keys that a key descends from, its maker last: whoever revokes one that leaked sees what was made with it. Ids of keys that are gone stay in it.
alter table api_key add column made_by uuid[] not null default '{}';
alter table signing_key add column made_by uuid[] not null default '{}';
