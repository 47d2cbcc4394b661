BEGIN TRANSACTION;
CREATE TABLE alembic_version (
	version_num VARCHAR(32) NOT NULL, 
	CONSTRAINT alembic_version_pkc PRIMARY KEY (version_num)
);
INSERT INTO "alembic_version" VALUES('0001');
CREATE TABLE comments (
	repository VARCHAR(255) NOT NULL, 
	id BIGINT NOT NULL, 
	number INTEGER NOT NULL, 
	author TEXT NOT NULL, 
	body TEXT NOT NULL, 
	created_at DATETIME NOT NULL, 
	updated_at DATETIME NOT NULL, 
	url TEXT NOT NULL, 
	author_association VARCHAR(32) NOT NULL, 
	PRIMARY KEY (repository, id)
);
INSERT INTO "comments" VALUES('octo/kit',2,1,'ann','Please retry.

<!-- triage: p1 -->','2026-11-02 09:00:00.001000','2026-11-02 09:00:00.001000','https://x/1#c','NONE');
CREATE TABLE dismissals (
	repository VARCHAR(255) NOT NULL, 
	number INTEGER NOT NULL, 
	person VARCHAR(255) NOT NULL, 
	reason TEXT NOT NULL, 
	at DATETIME NOT NULL, 
	PRIMARY KEY (repository, number)
);
INSERT INTO "dismissals" VALUES('octo/kit',4,'ann','a duplicate','2026-11-02 09:00:00.007000');
CREATE TABLE drafts (
	id INTEGER NOT NULL, 
	repository VARCHAR(255) NOT NULL, 
	number INTEGER NOT NULL, 
	person VARCHAR(255) NOT NULL, 
	template VARCHAR(255) NOT NULL, 
	text TEXT NOT NULL, 
	suggestion TEXT NOT NULL, 
	saved_at DATETIME NOT NULL, 
	retired_at DATETIME, 
	retired_by VARCHAR(64), 
	live INTEGER, 
	PRIMARY KEY (id), 
	CONSTRAINT uq_drafts_repository_number_person_template_live UNIQUE (repository, number, person, template, live)
);
INSERT INTO "drafts" VALUES(1,'octo/kit',2,'ann','transient','Please retry.','s','2026-11-02 09:00:00.012000',NULL,NULL,1);
CREATE TABLE findings (
	repository VARCHAR(255) NOT NULL, 
	number INTEGER NOT NULL, 
	"key" VARCHAR(255) NOT NULL, 
	kind VARCHAR(32) NOT NULL, 
	finding JSON NOT NULL, 
	PRIMARY KEY (repository, number)
);
INSERT INTO "findings" VALUES('octo/kit',1,'k','transient_import','{"kind": "transient_import", "codes": ["80097376"], "evidence": [{"source": "title", "start": 0, "end": 12, "quote": "Import fails", "shows": "failed import"}, {"source": "body", "start": 0, "end": 29, "quote": "Importing the solution failed", "shows": "failed import"}, {"source": "body", "start": 31, "end": 39, "quote": "80097376", "shows": "error code 80097376"}, {"source": "body", "start": 40, "end": 50, "quote": "BadGateway", "shows": "gateway error of the flow service"}, {"source": "body", "start": 52, "end": 56, "quote": "Why?", "shows": "asks for help"}], "flows": [], "causes": [{"key": "bad_gateway", "name": "gateway error of the flow service", "meaning": "While a flow was being imported, the flow service could not be reached through its gateway (BadGateway).", "cure": "Import the same managed file again.", "wait": "30 to 60 minutes", "kind": "transient", "source": "reports with 80097376, 2025 and 2026"}], "asks_for_help": true, "only_in_image": false}');
CREATE TABLE issues (
	repository VARCHAR(255) NOT NULL, 
	number INTEGER NOT NULL, 
	title TEXT NOT NULL, 
	body TEXT NOT NULL, 
	author TEXT NOT NULL, 
	state VARCHAR(16) NOT NULL, 
	created_at DATETIME NOT NULL, 
	updated_at DATETIME NOT NULL, 
	url TEXT NOT NULL, 
	state_reason VARCHAR(32), 
	labels JSON NOT NULL, 
	comments INTEGER NOT NULL, 
	closed_at DATETIME, 
	author_association VARCHAR(32) NOT NULL, 
	locked BOOLEAN NOT NULL, 
	PRIMARY KEY (repository, number)
);
INSERT INTO "issues" VALUES('octo/kit',1,'Import fails 1','80097376','rita','open','2026-11-02 09:00:00.000000','2026-11-02 09:00:00.003000','https://x/1',NULL,'["documentation"]',1,NULL,'NONE',0);
INSERT INTO "issues" VALUES('octo/kit',2,'Import fails 2','80097376','rita','open','2026-11-02 09:00:00.000000','2026-11-02 09:00:00.005000','https://x/2',NULL,'[]',1,NULL,'NONE',0);
INSERT INTO "issues" VALUES('octo/kit',3,'Import fails 3','80097376','rita','open','2026-11-02 09:00:00.000000','2026-11-02 09:00:00.007000','https://x/3',NULL,'[]',1,NULL,'NONE',0);
INSERT INTO "issues" VALUES('octo/kit',4,'Import fails 4','80097376','rita','open','2026-11-02 09:00:00.000000','2026-11-02 09:00:00.000000','https://x/4',NULL,'[]',0,NULL,'NONE',0);
INSERT INTO "issues" VALUES('octo/kit',5,'Import fails 5','80097376','rita','open','2026-11-02 09:00:00.000000','2026-11-02 09:00:00.012000','https://x/5',NULL,'[]',0,NULL,'NONE',0);
CREATE TABLE labels (
	repository VARCHAR(255) NOT NULL, 
	name VARCHAR(255) NOT NULL, 
	position INTEGER NOT NULL, 
	color VARCHAR(16) NOT NULL, 
	description TEXT NOT NULL, 
	PRIMARY KEY (repository, name)
);
INSERT INTO "labels" VALUES('octo/kit','documentation',0,'0075ca','');
INSERT INTO "labels" VALUES('octo/kit','wontfix',1,'ededed','');
CREATE TABLE plans (
	id VARCHAR(64) NOT NULL, 
	repository VARCHAR(255) NOT NULL, 
	number INTEGER NOT NULL, 
	person VARCHAR(255) NOT NULL, 
	template VARCHAR(255) NOT NULL, 
	kind VARCHAR(16) NOT NULL, 
	document JSON NOT NULL, 
	created_at DATETIME NOT NULL, 
	state VARCHAR(16) NOT NULL, 
	sentence TEXT NOT NULL, 
	changes JSON NOT NULL, 
	anyway BOOLEAN NOT NULL, 
	wish VARCHAR(16) NOT NULL, 
	due_at DATETIME, 
	tries INTEGER NOT NULL, 
	undoes VARCHAR(64), 
	claimed_by VARCHAR(64), 
	lease_until DATETIME, 
	finished_at DATETIME, 
	active INTEGER, 
	PRIMARY KEY (id), 
	CONSTRAINT uq_plans_repository_number_active UNIQUE (repository, number, active)
);
INSERT INTO "plans" VALUES('p1','octo/kit',1,'ann','transient','post','{"id": "p1", "repository": "octo/kit", "number": 1, "person": "ann", "template": "transient", "kind": "post", "steps": [{"kind": "comment", "text": "Please retry.", "names": [], "label": null, "reason": null, "comment_id": null, "closed_at": null, "template": "", "criterion": 0, "takes_back": null}, {"kind": "add_labels", "text": "", "names": ["documentation"], "label": null, "reason": null, "comment_id": null, "closed_at": null, "template": "", "criterion": 0, "takes_back": null}], "at": "2026-11-02T09:00:00+00:00", "seen": {"title": "Import fails 1", "body": "2c4f3605140e1d48", "state": "open", "labels": [], "updated_at": "2026-11-02T09:00:00+00:00", "comments": [], "comment_count": 0}, "criteria": ["It works"], "close_policy": {"when": "all", "reason": "not_planned", "labels": ["wontfix"]}, "undoes": null}','2026-11-02 09:00:00.000000','done','Posted the comment; added documentation.','[]',0,'',NULL,0,NULL,NULL,NULL,'2026-11-02 09:00:00.003000',NULL);
INSERT INTO "plans" VALUES('the-tick','octo/kit',1,'ann','transient','tick','{"criterion": 0, "text": "It works"}','2026-11-02 09:00:00.003000','done','','[]',0,'',NULL,0,NULL,NULL,NULL,'2026-11-02 09:00:00.003000',NULL);
INSERT INTO "plans" VALUES('p2','octo/kit',2,'ann','transient','post','{"id": "p2", "repository": "octo/kit", "number": 2, "person": "ann", "template": "transient", "kind": "post", "steps": [{"kind": "comment", "text": "Please retry.", "names": [], "label": null, "reason": null, "comment_id": null, "closed_at": null, "template": "", "criterion": 0, "takes_back": null}, {"kind": "add_labels", "text": "", "names": ["documentation"], "label": null, "reason": null, "comment_id": null, "closed_at": null, "template": "", "criterion": 0, "takes_back": null}, {"kind": "close", "text": "", "names": [], "label": null, "reason": "not_planned", "comment_id": null, "closed_at": null, "template": "", "criterion": 0, "takes_back": null}], "at": "2026-11-02T09:00:00.003000+00:00", "seen": {"title": "Import fails 2", "body": "2c4f3605140e1d48", "state": "open", "labels": [], "updated_at": "2026-11-02T09:00:00+00:00", "comments": [], "comment_count": 0}, "criteria": ["It works"], "close_policy": {"when": "all", "reason": "not_planned", "labels": ["wontfix"]}, "undoes": null}','2026-11-02 09:00:00.003000','running','','[]',0,'',NULL,0,NULL,'2f395fbd4bc7.27718-2','2026-11-02 09:00:45.003000',NULL,1);
INSERT INTO "plans" VALUES('p3','octo/kit',3,'ann','transient','post','{"id": "p3", "repository": "octo/kit", "number": 3, "person": "ann", "template": "transient", "kind": "post", "steps": [{"kind": "comment", "text": "Please retry.", "names": [], "label": null, "reason": null, "comment_id": null, "closed_at": null, "template": "", "criterion": 0, "takes_back": null}, {"kind": "add_labels", "text": "", "names": ["documentation"], "label": null, "reason": null, "comment_id": null, "closed_at": null, "template": "", "criterion": 0, "takes_back": null}], "at": "2026-11-02T09:00:00.007000+00:00", "seen": {"title": "Import fails 3", "body": "2c4f3605140e1d48", "state": "open", "labels": [], "updated_at": "2026-11-02T09:00:00.007000+00:00", "comments": [[4, "rita", "16030354f6d97e9e"]], "comment_count": 1}, "criteria": ["It works"], "close_policy": {"when": "all", "reason": "not_planned", "labels": ["wontfix"]}, "undoes": null}','2026-11-02 09:00:00.007000','waiting','This goes out in a moment; until then it can be taken back.','[]',0,'','2026-11-02 09:00:10.007000',0,NULL,NULL,NULL,NULL,1);
INSERT INTO "plans" VALUES('the-dismiss','octo/kit',4,'ann','','dismiss','{"criterion": 0, "text": "a duplicate"}','2026-11-02 09:00:00.007000','done','','[]',0,'',NULL,0,NULL,NULL,NULL,'2026-11-02 09:00:00.007000',NULL);
INSERT INTO "plans" VALUES('p5','octo/kit',5,'ann','transient','post','{"id": "p5", "repository": "octo/kit", "number": 5, "person": "ann", "template": "transient", "kind": "post", "steps": [{"kind": "comment", "text": "Please retry.", "names": [], "label": null, "reason": null, "comment_id": null, "closed_at": null, "template": "", "criterion": 0, "takes_back": null}, {"kind": "add_labels", "text": "", "names": ["documentation"], "label": null, "reason": null, "comment_id": null, "closed_at": null, "template": "", "criterion": 0, "takes_back": null}], "at": "2026-11-02T09:00:00.007000+00:00", "seen": {"title": "Import fails 5", "body": "2c4f3605140e1d48", "state": "open", "labels": [], "updated_at": "2026-11-02T09:00:00+00:00", "comments": [], "comment_count": 0}, "criteria": ["It works"], "close_policy": {"when": "all", "reason": "not_planned", "labels": ["wontfix"]}, "undoes": null}','2026-11-02 09:00:00.007000','undone','Posted the comment; added documentation.','[]',0,'',NULL,0,NULL,NULL,NULL,'2026-11-02 09:00:00.012000',NULL);
INSERT INTO "plans" VALUES('p5-undo','octo/kit',5,'ann','transient','undo','{"id": "p5-undo", "repository": "octo/kit", "number": 5, "person": "ann", "template": "transient", "kind": "undo", "steps": [{"kind": "remove_labels", "text": "", "names": ["documentation"], "label": null, "reason": null, "comment_id": null, "closed_at": null, "template": "", "criterion": 0, "takes_back": 1}, {"kind": "delete_comment", "text": "", "names": [], "label": null, "reason": null, "comment_id": 5, "closed_at": null, "template": "", "criterion": 0, "takes_back": 0}], "at": "2026-11-02T09:00:00.010000+00:00", "seen": null, "criteria": [], "close_policy": {}, "undoes": "p5"}','2026-11-02 09:00:00.010000','done','Removed documentation; deleted our comment.','[]',0,'',NULL,0,'p5',NULL,NULL,'2026-11-02 09:00:00.012000',NULL);
CREATE TABLE repositories (
	full_name VARCHAR(255) NOT NULL, 
	url TEXT NOT NULL, 
	default_branch TEXT NOT NULL, 
	can_triage BOOLEAN NOT NULL, 
	can_push BOOLEAN NOT NULL, 
	archived BOOLEAN NOT NULL, 
	has_issues BOOLEAN NOT NULL, 
	viewer TEXT NOT NULL, 
	synced_at DATETIME, 
	since DATETIME, 
	version INTEGER NOT NULL, 
	PRIMARY KEY (full_name)
);
CREATE TABLE steps (
	"plan" VARCHAR(64) NOT NULL, 
	position INTEGER NOT NULL, 
	kind VARCHAR(16) NOT NULL, 
	detail TEXT NOT NULL, 
	state VARCHAR(16) NOT NULL, 
	attempts INTEGER NOT NULL, 
	attempted_at DATETIME, 
	finished_at DATETIME, 
	intent JSON NOT NULL, 
	result JSON NOT NULL, 
	words TEXT NOT NULL, 
	url TEXT NOT NULL, 
	taken_back BOOLEAN NOT NULL, 
	PRIMARY KEY ("plan", position), 
	FOREIGN KEY("plan") REFERENCES plans (id) ON DELETE CASCADE
);
INSERT INTO "steps" VALUES('p1',0,'comment','comment of 13 characters','done',1,'2026-11-02 09:00:00.000000','2026-11-02 09:00:00.002000','{}','{"comment_id": 2}','posted the comment','https://x/1#c',0);
INSERT INTO "steps" VALUES('p1',1,'add_labels','add documentation','done',1,'2026-11-02 09:00:00.002000','2026-11-02 09:00:00.003000','{"absent": ["documentation"]}','{"added": ["documentation"]}','added documentation','',0);
INSERT INTO "steps" VALUES('the-tick',0,'tick','ticked “It works”','done',1,'2026-11-02 09:00:00.003000','2026-11-02 09:00:00.003000','{}','{"criterion": 0, "text": "It works"}','','',0);
INSERT INTO "steps" VALUES('p2',0,'comment','comment of 13 characters','sending',1,'2026-11-02 09:00:00.003000',NULL,'{}','{}','','',0);
INSERT INTO "steps" VALUES('p2',1,'add_labels','add documentation','pending',0,NULL,NULL,'{}','{}','','',0);
INSERT INTO "steps" VALUES('p2',2,'close','close as not planned','pending',0,NULL,NULL,'{}','{}','','',0);
INSERT INTO "steps" VALUES('p3',0,'comment','comment of 13 characters','pending',0,NULL,NULL,'{}','{}','','',0);
INSERT INTO "steps" VALUES('p3',1,'add_labels','add documentation','pending',0,NULL,NULL,'{}','{}','','',0);
INSERT INTO "steps" VALUES('the-dismiss',0,'dismiss','put aside: a duplicate','done',1,'2026-11-02 09:00:00.007000','2026-11-02 09:00:00.007000','{}','{"criterion": 0, "text": "a duplicate"}','','',0);
INSERT INTO "steps" VALUES('p5',0,'comment','comment of 13 characters','done',1,'2026-11-02 09:00:00.007000','2026-11-02 09:00:00.009000','{}','{"comment_id": 5}','posted the comment','https://x/5#c',1);
INSERT INTO "steps" VALUES('p5',1,'add_labels','add documentation','done',1,'2026-11-02 09:00:00.009000','2026-11-02 09:00:00.010000','{"absent": ["documentation"]}','{"added": ["documentation"]}','added documentation','',1);
INSERT INTO "steps" VALUES('p5-undo',0,'remove_labels','remove documentation','done',1,'2026-11-02 09:00:00.010000','2026-11-02 09:00:00.011000','{}','{}','removed documentation','',0);
INSERT INTO "steps" VALUES('p5-undo',1,'delete_comment','delete our comment','done',1,'2026-11-02 09:00:00.011000','2026-11-02 09:00:00.012000','{}','{}','deleted our comment','',0);
CREATE TABLE ticks (
	repository VARCHAR(255) NOT NULL, 
	number INTEGER NOT NULL, 
	template VARCHAR(255) NOT NULL, 
	criterion INTEGER NOT NULL, 
	text TEXT NOT NULL, 
	person VARCHAR(255) NOT NULL, 
	at DATETIME NOT NULL, 
	PRIMARY KEY (repository, number, template, criterion)
);
INSERT INTO "ticks" VALUES('octo/kit',1,'transient',0,'It works','ann','2026-11-02 09:00:00.003000');
CREATE INDEX ix_comments_repository_number ON comments (repository, number);
CREATE INDEX ix_findings_repository_kind ON findings (repository, kind);
CREATE INDEX ix_issues_repository_state ON issues (repository, state);
CREATE INDEX ix_plans_repository_created_at ON plans (repository, created_at);
CREATE INDEX ix_plans_state_due_at ON plans (state, due_at);
CREATE INDEX ix_plans_undoes ON plans (undoes);
COMMIT;
