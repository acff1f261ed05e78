"""Whether receivers can see that our mail is ours: SPF, DKIM, DMARC, their alignment, and where replies go."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

from offswitch.doctor import dkim, spf
from offswitch.doctor.answers import Answers, NotAnswered
from offswitch.doctor.dmarc import aligned, walk
from offswitch.doctor.senders import Habits
from offswitch.model.finding import Finding, Level

_REPORTS = "add rua=mailto:… to read the reports of receivers before you ask for more"


@dataclass(frozen=True, slots=True)
class Mail:
    """The domains of our mail: in From, of bounces (the return path), and of answers. `selectors`: the DKIM keys that we know of."""

    sender: str
    return_path: str
    reply_to: str
    habits: Habits
    selectors: tuple[str, ...] = ()


Look = Callable[[Mail, Answers], Iterator[Finding]]


def of_spf(mail: Mail, answers: Answers) -> Iterator[Finding]:
    """The record of the return path, which is what SPF is about."""
    about = f"SPF of {mail.return_path}"
    found = spf.look(mail.return_path, answers)
    host = mail.habits.includes
    start = f"v=spf1 include:{host} ~all" if host else "v=spf1 ip4:<the address of your mail server> ~all"
    if not found.records:
        yield Finding(about, Level.TROUBLE, "there is no record", f"publish TXT {mail.return_path} {start}")
        return
    if found.records > 1:
        yield Finding(about, Level.TROUBLE, "there are several records: receivers believe none", "join them into one")
        return
    yield from (Finding(about, Level.TROUBLE, one, "mend the record") for one in found.wrong)
    if found.lookups > spf.MOST or found.empty > spf.EMPTY:
        said = f"it costs {found.lookups} look-ups, {found.empty} of them empty: more than {spf.MOST} or {spf.EMPTY} break it"
        yield Finding(about, Level.TROUBLE, said, "take out what no longer sends for you")
    if found.all in {"+", "?"}:
        yield Finding(about, Level.TROUBLE, f"it ends in {found.all}all: everybody may send as you", "end it with ~all or -all")
    elif not found.all:
        yield Finding(about, Level.ADVICE, "it doesn't say what becomes of others", "end it with ~all")
    if found.old:
        yield Finding(about, Level.ADVICE, "it uses ptr, which receivers may skip", "name the addresses, or include your provider")
    if host and host not in found.included:
        todo = f"add include:{host}, or set OFFSWITCH_RETURN_PATH to the domain that the provider bounces to"
        yield Finding(about, Level.ADVICE, f"it doesn't include {host}, from where your provider sends", todo)
    else:
        yield Finding(about, Level.FINE, f"one record, {found.lookups} look-ups")


def of_dkim(mail: Mail, answers: Answers) -> Iterator[Finding]:
    """The keys under From's own domain, or under that of the return path: some providers sign with the domain they send for."""
    selectors = mail.selectors or mail.habits.selectors
    found = {domain: dkim.keys(domain, selectors, answers) for domain in dict.fromkeys((mail.sender, mail.return_path))}
    there = {key.selector for keys in found.values() for key in keys}
    about = f"DKIM of {mail.sender}"
    for selector in sorted(set(mail.selectors) - there):
        yield Finding(about, Level.TROUBLE, f"there is no key at {selector}._domainkey", "publish it as your provider shows it")
    if not there and not mail.selectors:
        todo = "set OFFSWITCH_DKIM_SELECTORS to the names that your provider shows"
        yield Finding(about, Level.UNKNOWN, "no key under the usual names, and others can't be guessed", todo)
    yield from (_of_key(f"DKIM of {domain}", key) for domain, keys in found.items() for key in keys)


def _of_key(about: str, key: dkim.Key) -> Finding:
    if key.wrong:
        return Finding(about, Level.TROUBLE, f"{key.selector}: {key.wrong}", "publish the key that your provider shows, in one piece")
    if key.testing:
        return Finding(about, Level.ADVICE, f"{key.selector}: t=y tells receivers that this is a test", "take t=y out")
    if key.bits and key.bits < dkim.STRONG:
        return Finding(about, Level.ADVICE, f"{key.selector}: the key has {key.bits} bits", f"make one of {dkim.STRONG}")
    return Finding(about, Level.FINE, f"{key.selector}: " + (f"RSA, {key.bits} bits" if key.bits else "Ed25519"))


def of_dmarc(mail: Mail, answers: Answers) -> Iterator[Finding]:
    """The policy that holds for From, found by the walk up the tree."""
    about = f"DMARC of {mail.sender}"
    found = walk(mail.sender, answers)
    if found.several:
        yield Finding(about, Level.TROUBLE, f"_dmarc.{found.several} has several records: receivers believe none", "leave one")
    record = found.record
    if record is None:
        todo = f"publish TXT _dmarc.{mail.sender} v=DMARC1; p=none; rua=mailto:<who reads reports>"
        yield Finding(about, Level.TROUBLE, "there is no record: large receivers refuse bulk mail without one", todo)
        return
    yield from _of_tags(about, record.tags)
    place = "" if record.domain == mail.sender else f", from {record.domain}"
    if found.policy == "none":
        todo = "when reports show that all your mail passes, ask for p=quarantine, with t=y for a trial, then for p=reject"
        yield Finding(about, Level.ADVICE, f"the policy is none{place}: everybody may still send as you", todo)
    else:
        yield Finding(about, Level.FINE, f"the policy is {found.policy}{place}")


def _of_tags(about: str, tags: Mapping[str, str]) -> Iterator[Finding]:
    if "pct" in tags:
        yield Finding(about, Level.ADVICE, "pct counts no longer (RFC 9989)", "take it out; for a trial write t=y")
    if tags.get("t", "").lower() == "y":
        yield Finding(about, Level.ADVICE, "t=y: receivers only try the policy", "take it out when the reports are good")
    if not tags.get("rua"):
        yield Finding(about, Level.ADVICE, "nobody gets the reports", _REPORTS)
    if tags.get("p", "none").lower() not in {"none", "quarantine", "reject"}:
        yield Finding(about, Level.TROUBLE, "p= is no policy: it counts as none", "write p=none, p=quarantine or p=reject")


def of_alignment(mail: Mail, answers: Answers) -> Iterator[Finding]:
    """SPF proves the return path; it speaks for From only where the two belong together."""
    about = f"From {mail.sender}, bounces to {mail.return_path}"
    own, bounces = walk(mail.sender, answers), walk(mail.return_path, answers)
    if own.record is None and mail.sender != mail.return_path:
        todo = "publish a DMARC record: by it receivers tell which domains belong together"
        yield Finding(about, Level.UNKNOWN, "can't be told without a DMARC record", todo)
        return
    strict = own.record is not None and own.record.tags.get("aspf", "r").lower() == "s"
    if aligned(own, bounces, strict=strict):
        yield Finding(about, Level.FINE, "belong together: SPF speaks for From")
        return
    said = "are strangers" if not strict else "differ, and aspf=s wants the very same domain"
    todo = "set up a return path under your own domain with your provider; until then DKIM alone speaks for From"
    yield Finding(about, Level.ADVICE, f"{said}: SPF says nothing for From", todo)


def of_replies(mail: Mail, answers: Answers) -> Iterator[Finding]:
    """Can answers, and bounces, arrive?"""
    uses = {"answers": mail.reply_to, "mail to the sender": mail.sender, "bounces": mail.return_path}
    for domain in dict.fromkeys(uses.values()):
        about = f"{domain}, for {', '.join(use for use, where in uses.items() if where == domain)}"
        found = answers.ask(domain, "MX")
        if [one for one in found if one.split()[-1] == "."]:
            yield Finding(about, Level.TROUBLE, "a null MX says that this domain takes no mail", "publish an MX, or use another address")
        elif found:
            yield Finding(about, Level.FINE, f"{len(found)} MX")
        elif answers.ask(domain, "A") or answers.ask(domain, "AAAA"):
            yield Finding(about, Level.ADVICE, "no MX: mail goes to the address of the domain itself", "publish an MX")
        else:
            yield Finding(about, Level.TROUBLE, "the domain has neither MX nor address: no mail can arrive", "publish an MX")


LOOKS: dict[str, Look] = {"SPF": of_spf, "DKIM": of_dkim, "DMARC": of_dmarc, "alignment": of_alignment, "replies": of_replies}


def safely(name: str, look: Look, mail: Mail, answers: Answers) -> Iterator[Finding]:
    """What one look found; names that nobody answered for are unknown."""
    try:
        yield from look(mail, answers)
    except NotAnswered as error:
        yield Finding(f"{name} of {mail.sender}", Level.UNKNOWN, str(error), "look again later, or give the records with --dns FILE")
