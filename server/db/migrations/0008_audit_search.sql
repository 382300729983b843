-- What the audit trail is searched by. Uses of one minute have the same time: equal keys take a few bytes in a B-tree, which a chain and a place
-- in it would undo; a page is sorted by them when it is read.
create index audit_event_by_action on audit_event (environment_id, action, at desc);
create index audit_event_by_actor on audit_event (environment_id, (actor ->> 'id'), at desc);
create index audit_event_by_integration on audit_event (environment_id, (subject ->> 'integration'), at desc) where subject ? 'integration';
create index audit_event_acknowledgements on audit_event (at desc) where action = 'audit.gap_acknowledged';
