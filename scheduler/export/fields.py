"""What each output for the house may show of the registers, table by table and field by field.

In: nothing. Out: names of fields. May import: nothing.

A row reaches an output only through its declaration here: :func:`scheduler.export.redact.only` blanks every
other field before anything is written. Identifiers of rows are always there.
"""

Shows = dict[str, tuple[str, ...]]
"""Table name to the fields that may be shown."""

ROSTERS: Shows = {
    "departments": ("name",),
    "enterprises": ("name", "address", "risk_class"),
    "inspectors": ("name", "department_id"),
    "experts": ("name", "specialties"),
    "items": ("name",),
    "tasks": ("name", "lead_id"),
}
"""The workbooks: who goes where with whom; no certificate, no leave, no recusal."""

CALENDARS: Shows = {
    "departments": ("name",),
    "enterprises": ("name", "address"),
    "inspectors": ("name", "department_id"),
    "experts": ("name", "specialties"),
    "items": ("name",),
    "tasks": ("lead_id",),
}
"""The calendars: they lie on telephones, so they hold the least that finds the way."""

PAPERS: Shows = {
    "departments": ("name",),
    "enterprises": ("name", "address", "id_kind"),
    "inspectors": ("name", "certificate_no"),
    "experts": ("name", "specialties"),
    "items": ("name", "basis", "item_class", "documents"),
    "tasks": ("name", "lead_id"),
}
"""Notice and record sheet: officers show their certificates at the door (《行政处罚法》 Article 55), so its
number stands beside the name. The credit risk class is for the house alone (国市监信发〔2022〕6号), and the
enterprise signs the sheet: it is not there."""

TABLES: Shows = {
    "departments": ("name",),
    "enterprises": ("name", "district"),
    "inspectors": ("name",),
    "experts": ("name",),
    "items": ("name",),
    "tasks": ("name", "lead_id"),
}
"""Back to the main platform, which has the registers: ids and the names to tell them by."""

OUTPUTS: dict[str, Shows] = {
    "rosters": ROSTERS,
    "calendars": CALENDARS,
    "papers": PAPERS,
    "tables": TABLES,
}
"""Every output that names people or enterprises, by its name in docs/reference/outputs.md; that of the report
is :mod:`scheduler.export.report_fields`."""
