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
ONLY_FOR_A_DAY = frozenset("uid uuid guid visitorid clientid deviceid sessionid session".split())
WHO = frozenset("user visitor client device session customer citizen person member account household".split())


def why_refused_as_unit(name: str) -> str | None:
    """The reason a column of this name may not tell units apart, or None when it may: what a system gave a device or a
    case may, for it is hashed under a secret that dies with the day; what a person carries elsewhere may not.
    """
    if _words(name) & (IDENTIFIERS - ONLY_FOR_A_DAY):
        return "it is a person's or a thing's number everywhere, and hubbub takes none of them as a key"
    return None


def why_refused(name: str) -> str | None:
    """The reason a property, parameter or column of this name is refused, or None when it is not."""
    joined = _words(name)
    if joined & IDENTIFIERS or (joined & WHO and joined & {"id", "key", "number", "no", "hash", "name"}):
        return "it names a person, a device or an account, and hubbub keeps no identifier"
    if joined & TRAITS:
        return "it is a trait of a person, and hubbub measures services, not people"
    return None


def _words(name: str) -> set[str]:
    """The words of a name, alone and two together."""
    words = [word.lower() for word in _WORD.findall(name)]
    return {"".join(words), *words, *(a + b for a, b in pairwise(words))}
