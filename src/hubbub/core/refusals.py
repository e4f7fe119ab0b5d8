"""What hubbub refuses to be told: names that mean a person, a device, or an inferred trait.

DESIGN.md, "What hubbub refuses to do". The check reads names only, so it is a fence and not a proof: what
holds the promise is that no row outlives its day and only released cells can be read. The fence is for the
honest mistake, and says why.
"""

import re
from itertools import pairwise

_WORD = re.compile(r"[A-Z]?[a-z]+|[A-Z]+(?![a-z])|\d+")

IDENTIFIERS = frozenset(
    """email mail phone telephone mobile msisdn uid uuid guid userid username login account iban card passport
    ssn taxid personid citizenid visitorid clientid deviceid sessionid session cookie fingerprint imei imsi mac
    ip ipaddress token auth password surname lastname firstname fullname birthday birthdate dob household
    plate licenseplate clientip userip visitorip remoteip nationalid idcard identitycard socialsecurity taxnumber
    creditcard bankaccount driverslicense insurancenumber patientid studentid""".split()
)
TRAITS = frozenset("sex gender age income salary religion ethnicity race health diagnosis disability".split())
WHO = frozenset("user visitor client device session customer citizen person member account household".split())


def why_refused(name: str) -> str | None:
    """The reason a property, parameter or column of this name is refused, or None when it is not."""
    words = [word.lower() for word in _WORD.findall(name)]
    joined = {"".join(words), *words, *(a + b for a, b in pairwise(words))}
    if joined & IDENTIFIERS or (joined & WHO and joined & {"id", "key", "number", "no", "hash", "name"}):
        return "it names a person, a device or an account, and hubbub keeps no identifier"
    if joined & TRAITS:
        return "it is a trait of a person, and hubbub measures services, not people"
    return None
