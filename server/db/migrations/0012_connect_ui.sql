-- How the hosted connect page looks in this environment: logo, colours, theme. What is missing has the product's own look.
alter table environment add column connect_ui jsonb not null default '{}';
