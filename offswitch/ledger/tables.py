"""The tables, portable between SQLite and PostgreSQL. The migrations make them; nothing else does."""

from __future__ import annotations

from sqlalchemy import Boolean, Column, Index, Integer, MetaData, Table, Text, UniqueConstraint, text

from offswitch.ledger.columns import Json, Moment, Span, Word

metadata = MetaData()
# Conditions of partial indexes. Queries repeat them to the letter: SQLite can't prove them from bound parameters.
# They are said for SQLite alone, as naming another dialect here would load it in every command; the migrations name both.
ACTIVE = "state IN ('waiting', 'held', 'worklist')"
OPEN = "state IN ('planned', 'reserved', 'unknown')"
COUNTED = "counts"
PEOPLE = "\"by\" <> 'machine'"
SENT = "counts AND state = 'performed' AND actor = 'machine'"
HARM = ("contact.unsubscribed", "message.bounced", "message.complained")
HARMFUL = f"kind IN ({', '.join(map(repr, HARM))})"

contacts = Table(
    "contacts",
    metadata,
    Column("id", Text, primary_key=True),
    Column("address", Text, unique=True),  # canonical e-mail: who is who
    Column("email", Text, nullable=False),
    Column("name", Text, nullable=False),
    Column("language", Text, nullable=False),
    Column("country", Text, nullable=False),
    Column("zone", Text, nullable=False),
    Column("phone", Text, nullable=False),
    Column("fields", Json),
    Column("created", Moment, nullable=False),
)

events = Table(
    "events",
    metadata,
    Column("seq", Integer, primary_key=True, autoincrement=True),
    Column("id", Text, nullable=False, unique=True),
    Column("source", Text, nullable=False),
    Column("kind", Text, nullable=False),
    Column("contact_id", Text, nullable=False),
    Column("at", Moment, nullable=False),
    Column("received", Moment, nullable=False),
    Column("data", Json),
    Column("digest", Text, nullable=False),
    Index("events_of_contact", "contact_id", "seq"),
    Index("events_of_harm", "kind", "at", sqlite_where=text(HARMFUL)),
)

cursors = Table(
    "cursors",
    metadata,
    Column("flow", Text, primary_key=True),
    Column("seq", Integer, nullable=False),  # every event up to here has been looked at for this flow
    Column("began", Integer, nullable=False),  # nothing up to here was ever this flow's business
)

registers = Table(
    "registers",
    metadata,
    Column("crm", Text, primary_key=True),  # its connector's name
    Column("cursor", Text, nullable=False),  # what others changed there is in the ledger up to here
    Column("asked", Moment, nullable=False),
    Column("edited", Moment),  # the newest change that was taken
    Column("strangers", Integer, nullable=False),  # changes about people whom nobody here knows
)

admissions = Table(
    "admissions",
    metadata,
    Column("event_id", Text, primary_key=True),
    Column("flow", Text, primary_key=True),
    Column("outcome", Text, nullable=False),  # machine | people | no | joined | goal | exit | moved
    Column("rule", Text, nullable=False),
    Column("reason", Text, nullable=False),
    Column("entry_id", Text, nullable=False),
    Column("at", Moment, nullable=False),
)

entries = Table(
    "entries",
    metadata,
    Column("id", Text, primary_key=True),
    Column("flow", Text, nullable=False),
    Column("contact_id", Text, nullable=False),
    Column("subject", Text, nullable=False),
    Column("event_id", Text, nullable=False),
    Column("step", Text, nullable=False),
    Column("visits", Json),
    Column("state", Text, nullable=False),
    Column("rule", Text, nullable=False),
    Column("reason", Text, nullable=False),
    Column("work", Text, nullable=False),
    Column("lane", Text, nullable=False),
    Column("lane_reason", Text, nullable=False),
    Column("due", Moment, nullable=False),
    Column("since", Moment, nullable=False),
    Column("put_off", Span, nullable=False),
    Column("or_when", Json),
    Column("approved", Text, nullable=False),
    Column("taken_by", Text, nullable=False),
    Column("token", Integer),
    Column("entered", Moment, nullable=False),
    Column("ended", Moment),
    Column("arrived", Moment),  # when this visit began
    Column("wait", Span),  # how long after that it was due; null for a time of its own
    Column("version", Text, nullable=False, server_default=""),  # of the journey that last looked at it: recorded, not executed
    Column("ramp", Span, nullable=False, server_default="0"),  # what a release after a stop has cost, of `put_off`
    Column("doubts", Json),  # by step, the visits that may have been done in a time that was lost
    Index("entries_due", "flow", "due", "id", sqlite_where=text(ACTIVE)),
    Index("entries_of_contact", "contact_id", "flow"),
    Index(
        "entries_unique_while_active",
        "flow",
        "contact_id",
        "subject",
        unique=True,
        sqlite_where=text(ACTIVE),
    ),
    Index("entries_token", "token", sqlite_where=text("token IS NOT NULL")),
)

effects = Table(
    "effects",
    metadata,
    Column("key", Text, primary_key=True),  # the send-once key
    Column("entry_id", Text, nullable=False),
    Column("flow", Text, nullable=False),
    Column("step", Text, nullable=False),
    Column("visit", Integer, nullable=False),
    Column("action", Text, nullable=False),
    Column("channel", Text, nullable=False),
    Column("connector", Text, nullable=False),
    Column("contact_id", Text, nullable=False),
    Column("state", Text, nullable=False),  # planned | reserved | performed | failed | unknown | skipped
    Column("counts", Boolean, nullable=False),  # a message to a person: caps count it
    Column("actor", Text, nullable=False),  # "machine", or the person who did it
    Column("rule", Text, nullable=False),
    Column("reason", Text, nullable=False),
    Column("at", Moment, nullable=False),
    Column("token", Integer),
    Column("slot", Integer),
    Column("tries", Integer, nullable=False),
    Column("revision", Text, nullable=False),
    Column("digest", Text, nullable=False),
    Column("reference", Text, nullable=False),
    Column("plan", Json),  # the decision this visit is pinned to, on its first action
    Column("body", Json),  # what a queued CRM write says
    Column("variant", Word),  # which variant of its text a message had
    Index("effects_of_entry", "entry_id"),
    Index("effects_counted", "contact_id", "at", sqlite_where=text(COUNTED)),
    Index("effects_sent", "flow", "at", sqlite_where=text(SENT)),
    Index("effects_open", "flow", "state", "at", sqlite_where=text(OPEN)),
    Index("effects_token", "token", sqlite_where=text("token IS NOT NULL")),
)

consent = Table(
    "consent",
    metadata,
    Column("seq", Integer, primary_key=True, autoincrement=True),
    Column("contact_id", Text, nullable=False),
    Column("purpose", Text, nullable=False),
    Column("channel", Text, nullable=False),
    Column("given", Boolean, nullable=False),
    Column("source", Text, nullable=False),
    Column("wording", Text, nullable=False),
    Column("at", Moment, nullable=False),
    Index("consent_of_contact", "contact_id"),
)

suppressions = Table(
    "suppressions",
    metadata,
    Column("address", Text, primary_key=True),
    Column("channel", Text, primary_key=True),
    Column("reason", Text, nullable=False),
    Column("at", Moment, nullable=False),
)

# What changed, one row per transaction, each bound to the one before by its hash.
audit = Table(
    "audit",
    metadata,
    Column("n", Integer, primary_key=True, autoincrement=False),
    Column("at", Moment, nullable=False),
    Column("by", Text, nullable=False),
    Column("flow", Text, nullable=False),
    Column("what", Text, nullable=False),
    Column("rows", Text, nullable=False),  # JSON, by table: key to digest of the row as it was written
    Column("hash", Text, nullable=False),
    Index("audit_of_people", "n", sqlite_where=text(PEOPLE)),
)

work = Table(
    "work",
    metadata,
    Column("entry_id", Text, primary_key=True),
    Column("step", Text, primary_key=True),
    Column("visit", Integer, primary_key=True),
    Column("taken_by", Text, nullable=False),
    Column("taken_at", Moment),
    Column("outcome", Text, nullable=False),
    Column("done_by", Text, nullable=False),
    Column("done_at", Moment),
    Column("note", Text, nullable=False),
    Column("minutes", Integer),
    Column("draft", Json),
)

leases = Table(
    "leases",
    metadata,
    Column("token", Integer, primary_key=True, autoincrement=True),  # grows: the fence
    Column("worker", Text, nullable=False),
    Column("flow", Text, nullable=False),
    Column("taken", Moment, nullable=False),
    Column("until", Moment, nullable=False),
    Column("ended", Moment),
    Index("leases_open", "flow", "until", sqlite_where=text("ended IS NULL")),
    sqlite_autoincrement=True,
)

workers = Table(
    "workers",
    metadata,
    Column("id", Text, primary_key=True),
    Column("host", Text, nullable=False),
    Column("pid", Integer, nullable=False),
    Column("flow", Text, nullable=False),
    Column("seen", Moment, nullable=False),
    Column("until", Moment, nullable=False),
    Column("revision", Text, nullable=False),
    Column("halted", Boolean, nullable=False),
)

revisions = Table(
    "revisions",
    metadata,
    Column("n", Integer, primary_key=True, autoincrement=True),
    Column("flow", Text, nullable=False),
    Column("digest", Text, nullable=False),
    Column("policy", Text, nullable=False),
    Column("at", Moment, nullable=False),
    UniqueConstraint("flow", "n"),
)

rungs = Table(
    "rungs",
    metadata,
    Column("n", Integer, primary_key=True, autoincrement=True),
    Column("flow", Text, nullable=False),
    Column("rung", Integer, nullable=False),
    Column("by", Text, nullable=False),
    Column("why", Text, nullable=False),
    Column("at", Moment, nullable=False),
)

runs = Table(
    "runs",
    metadata,
    Column("id", Text, primary_key=True),
    Column("flow", Text, nullable=False),
    Column("started", Moment, nullable=False),
    Column("ended", Moment),
    Column("report", Json),
    Index("runs_of_flow", "flow", "started"),
)

alerts = Table(
    "alerts",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=True),
    Column("reason", Text, nullable=False),
    Column("text", Text, nullable=False),
    Column("at", Moment, nullable=False),
    Column("sent", Boolean, nullable=False),
    Index("alerts_by_reason", "reason", "at"),
)
