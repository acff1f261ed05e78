"""What the demo says of the switch is about customers: colleagues are told of a stop after it."""

from offswitch.demo.story import since_the_save


def test_an_alert_to_a_colleague_is_no_mail_after_the_save() -> None:
    mails = [{"t": 9.99, "to": "lead1@mail.example.com"}, {"t": 11.3, "to": "omar@bayan.example"}]
    assert since_the_save(mails, 10) == "last mail to a customer 10.0 ms before the save; mails after it: 0"


def test_a_mail_to_a_customer_after_the_save_is_counted() -> None:
    mails = [{"t": 9.99, "to": "lead1@mail.example.com"}, {"t": 10.25, "to": "lead2@post.example.com"}]
    assert since_the_save(mails, 10) == "last mail to a customer 250.0 ms after the save; mails after it: 1"
