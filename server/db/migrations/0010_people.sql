-- People who sign in. Written by better-auth under these names, and by ourselves.
create table person (
  id uuid primary key,
  -- In lower case.
  email text not null unique check (email = lower(email)),
  name text not null,
  email_verified boolean not null default false,
  image text,
  totp_enabled boolean not null default false,
  created_at timestamptz not null default hawser_now(),
  updated_at timestamptz not null default hawser_now()
);

-- How a person proves who she is: a password (scrypt), or the organisation's single sign-on. Its tokens are never kept.
create table person_way (
  id uuid primary key,
  person_id uuid not null references person on delete cascade,
  provider text not null check (provider in ('credential', 'sso')),
  subject text not null,
  password text,
  created_at timestamptz not null default hawser_now(),
  updated_at timestamptz not null default hawser_now(),
  unique (provider, subject),
  unique (person_id, provider)
);

create table person_session (
  id uuid primary key,
  person_id uuid not null references person on delete cascade,
  -- SHA-256 of the token, in base64url: the cookie cannot be made from what is stored.
  token_hash text not null unique,
  expires_at timestamptz not null,
  -- When the person last proved who she is.
  confirmed_at timestamptz not null,
  way text not null,
  address text,
  user_agent text,
  created_at timestamptz not null,
  updated_at timestamptz not null
);
create index person_session_by_person on person_session (person_id);
create index person_session_by_expiry on person_session (expires_at);

-- A second factor. Secret and codes are encrypted with a key that is derived from the vault's.
create table second_factor (
  id uuid primary key,
  person_id uuid not null unique references person on delete cascade,
  secret text not null,
  recovery_codes text not null,
  verified boolean not null,
  failed_count integer not null default 0,
  locked_until timestamptz
);

-- Codes that were used: none works twice.
create table used_code (
  person_id uuid not null references person on delete cascade,
  code text not null,
  used_at timestamptz not null,
  primary key (person_id, code)
);

-- Between password and second factor. The identifier is hashed.
create table person_challenge (
  id uuid primary key,
  identifier text not null,
  value text not null,
  expires_at timestamptz not null,
  created_at timestamptz not null default hawser_now(),
  updated_at timestamptz not null default hawser_now()
);
create index person_challenge_by_identifier on person_challenge (identifier);
create index person_challenge_by_expiry on person_challenge (expires_at);

-- Sign-ins at the organisation's identity provider that are under way.
create table pending_sso (
  state_hash bytea primary key,
  expires_at timestamptz not null
);

-- What a person may do in an environment, or (null) in all of them.
create table member (
  id uuid primary key,
  person_id uuid not null references person on delete cascade,
  environment_id uuid references environment on delete cascade,
  role text not null check (role in ('owner', 'developer', 'support', 'viewer')),
  created_at timestamptz not null default hawser_now(),
  unique nulls not distinct (person_id, environment_id),
  check (role <> 'owner' or environment_id is null)
);
create index member_by_environment on member (environment_id);

-- One-time links: the first owner's (or one who lost access), invitations, new passwords.
create table person_link (
  id uuid primary key,
  kind text not null check (kind in ('owner', 'invitation', 'password')),
  token_hash bytea not null unique,
  email text,
  person_id uuid references person on delete cascade,
  -- Of an invitation: [{"environment_id": null, "role": "viewer"}]
  roles jsonb,
  created_by uuid references person on delete set null,
  expires_at timestamptz not null,
  created_at timestamptz not null default hawser_now()
);
create index person_link_by_person on person_link (person_id);
create index person_link_by_creator on person_link (created_by);

-- Tokens that a person's session made end with it.
alter table connection_token add column person_session_id uuid references person_session on delete cascade;
alter table connection_token drop constraint connection_token_of_one_key;
alter table connection_token
  add constraint connection_token_of_one_maker check (num_nonnulls(api_key_id, signing_key_id, person_session_id) = 1) not valid;
create index connection_token_by_session on connection_token (person_session_id);

create trigger announce after delete on person_session for each row execute function hawser_announce();
create trigger announce_change after update of confirmed_at, expires_at on person_session for each row execute function hawser_announce();
create trigger announce after insert or update or delete on member for each row execute function hawser_announce();
create trigger announce_change after update of email, name, totp_enabled on person for each row execute function hawser_announce();
