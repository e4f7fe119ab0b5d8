"""Mail by SMTP: text and HTML, pictures inside. One mail a recipient, so that a refused one costs no other theirs.

The Message-ID is made from the outbox key: a mail that is sent again has the same one, and mail programs and servers
that look at it show it once.
"""

import smtplib
import ssl
from contextlib import suppress
from datetime import UTC, datetime
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime

from hubbub.core.alerts import Smtp
from hubbub.operate.messages import Message
from hubbub.operate.outbox import Letter, Outcome

TIMEOUT_S = 15.0


def make_mail(sender: str, recipient: str, key: str, message: Message, now_ms: int) -> EmailMessage:
    """The mail as it goes out."""
    mail = EmailMessage(policy=SMTP)
    mail["From"], mail["To"] = sender, recipient
    mail["Subject"] = " ".join(message.title.split())
    mail["Date"] = format_datetime(datetime.fromtimestamp(now_ms // 1000, UTC))
    mail["Message-ID"] = f"<{key}@{sender.rpartition('@')[2]}>"
    mail["Auto-Submitted"] = "auto-generated"  # no out-of-office answers (RFC 3834)
    if message.severity == "critical":
        mail["Importance"] = "high"
    mail.set_content(message.text)
    if message.html:
        mail.add_alternative(message.html, subtype="html")
        html = mail.get_payload()[-1]  # type: ignore[index]
        assert isinstance(html, EmailMessage)
        for picture in message.pictures:
            name, cid = f"{picture.name}.png", f"<{picture.name}>"
            html.add_related(picture.png, "image", "png", cid=cid, filename=name, disposition="inline")
    return mail


def send_mail(smtp: Smtp, password: str, letter: Letter, message: Message, now_ms: int) -> Outcome:
    """Hand a mail to the server. What the server refuses for good (5xx) is not tried again."""
    mail = make_mail(smtp.sender, letter.recipient, letter.key, message, now_ms)
    try:
        server = _connect(smtp, password)
    except smtplib.SMTPAuthenticationError as error:
        return Outcome("later", f"{smtp.host} takes neither user nor password ({error.smtp_code})")
    except smtplib.SMTPNotSupportedError:
        return Outcome("later", f"{smtp.host} offers no STARTTLS, or no way to sign in")
    except ssl.SSLError as error:
        return Outcome("later", f"{smtp.host}: no trusted TLS ({error.reason or 'certificate'})")
    except (OSError, smtplib.SMTPException) as error:
        return Outcome("later", f"{smtp.host} cannot be reached ({_why(error)})")
    try:
        server.send_message(mail, smtp.sender, [letter.recipient])
    except smtplib.SMTPRecipientsRefused as error:
        code = next(iter(error.recipients.values()))[0]
        return Outcome("never" if code >= 500 else "later", f"{smtp.host} refuses the recipient ({code})")
    except smtplib.SMTPResponseException as error:
        return Outcome("never" if error.smtp_code >= 500 else "later", f"{smtp.host} refuses ({error.smtp_code})")
    except (OSError, smtplib.SMTPException) as error:
        return Outcome("later", f"{smtp.host} broke off ({_why(error)})")
    finally:
        with suppress(OSError, smtplib.SMTPException):  # the mail is taken, or not, by now
            server.quit()
        server.close()
    return Outcome("sent", f"{smtp.host} took it")


def _connect(smtp: Smtp, password: str) -> smtplib.SMTP:
    """A session, signed in."""
    trusted = ssl.create_default_context()
    if smtp.security == "tls":
        server: smtplib.SMTP = smtplib.SMTP_SSL(smtp.host, smtp.port_used, timeout=TIMEOUT_S, context=trusted)
    else:
        server = smtplib.SMTP(smtp.host, smtp.port_used, timeout=TIMEOUT_S)
    try:
        if smtp.security == "starttls":
            server.starttls(context=trusted)
        if smtp.user:
            server.login(smtp.user, password)
    except BaseException:
        server.close()
        raise
    return server


def _why(error: Exception) -> str:
    return (isinstance(error, OSError) and error.strerror) or type(error).__name__
