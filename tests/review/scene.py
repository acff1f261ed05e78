"""A flow in the middle of its life: people with odd names, an approval, and edits since then."""

from __future__ import annotations

from pathlib import Path

from flows.welcome import welcome
from offswitch.project.plan import keep_plan, make_plan, said_of
from offswitch.review.difference import Difference, difference
from offswitch.review.kept import KeptPlan, load
from offswitch.review.plan import PlanOfWork
from tests.act.rig import Rig
from tests.review.law import with_real_texts

MARKUP = '<img src=x onerror="alert(1)">'
TEMPLATE = "{{ 7*7 }} Bob"
FORMULA = '=HYPERLINK("http://evil.example")'
TURNED = "Amr\u202egnp.exe"
ADDRESS = "eve@spam.example"
LONG = "W" * 58
ODD = {"none": "", "markup": MARKUP, "template": TEMPLATE, "formula": FORMULA, "turned": TURNED, "address": ADDRESS, "long": LONG}
GUARDRAILS = "capacity: 10 minutes per day\nguardrails: {complaint: 0.1%, unsubscribe: 0.5%, bounce: 2%}"


def edited(root: Path) -> tuple[Rig, PlanOfWork, Difference]:
    """The project, the plan that is to be approved, and what is different from the one that was."""
    rig = Rig(root, welcome)
    with_real_texts(rig, welcome)
    rig.policy(welcome, steps='0.01%", "50%', more=GUARDRAILS)
    rig.approve(welcome)
    rig.submit("gone")
    before = kept(rig, make_plan(rig.project, welcome))
    before = load(before.path.rename(before.path.with_name("before.plan")))
    for who, name in ODD.items():
        rig.submit(who, name=name)
    rig.submit("arab", name="عبد الرحمن السديري", contact={"language": "ar"})
    rig.submit("bounced")
    rig.submit("bounce", kind="message.bounced", who="bounced")
    text = rig.settings.messages / "welcome" / "confirm.en.md"
    rig.save(text, text.read_text("utf-8").replace("We have your message", "Got it"))
    rig.policy(welcome, steps="100%", more=GUARDRAILS.replace("10 minutes", "20 minutes") + "\nlimits: {per_contact: [2 per day]}")
    (rig.settings.messages / "welcome" / "value.ar.md").unlink()
    plan = make_plan(rig.project, welcome)
    return rig, plan, difference(before, kept(rig, plan))


def kept(rig: Rig, plan: PlanOfWork) -> KeptPlan:
    """The plan, as it is kept."""
    subject = said_of(rig.project, welcome).subject
    assert subject is not None
    return keep_plan(rig.project, welcome, plan, subject)
