"""Rules that are lifted for a few days: the log and the people are told when that begins and when it ends."""

from __future__ import annotations

from offswitch.act.desk import Desk
from offswitch.act.report import Report
from offswitch.model.effect import MACHINE


def keep_lifts(desk: Desk, report: Report) -> None:
    """Once for each override that takes effect, and once when its time is over or its line is gone."""
    flow, now = desk.journey.name, desk.clock.now()
    with desk.ledger.read() as book:
        there = {str(one): one for one in desk.switchboard.look(book).lifted}
        before = book.lifts.lasting(flow)
    for words in there.keys() - before:
        with desk.ledger.write() as book:
            if words in book.lifts.lasting(flow):
                continue  # another worker was faster
            book.audit.say(" and ".join(there[words].addresses), words, flow)
            book.lifts.begin(flow, words, " and ".join(there[words].addresses), now)
        report.notice(f"lifted {flow} {there[words].what}", f"{flow}: {words}")
    for words in before - there.keys():
        with desk.ledger.write() as book:
            if words not in book.lifts.lasting(flow):
                continue
            book.audit.say(MACHINE, f"holds again: {words}", flow)
            book.lifts.end(flow, words, now)
        report.notice(f"lifted {flow} {words.partition(' ')[0]}", f"{flow}: over: {words}")
