"""Who acts, and what each role may do: an admin may what an analyst may, and an analyst what a viewer may."""

from enum import StrEnum

from msgspec import Struct


class Role(StrEnum):
    """What an operator may do, the least first.

    viewer   reads a private instance
    analyst  confirms, dismisses, notes, silences, and makes targets
    admin    has accounts and API keys in hand
    """

    VIEWER = "viewer"
    ANALYST = "analyst"
    ADMIN = "admin"

    def covers(self, needed: "Role") -> bool:
        """Whether this role may do what `needed` may."""
        order = list(Role)
        return order.index(self) >= order.index(needed)


class Operator(Struct, frozen=True):
    """Who acts: a signed-in account, an API key, or whoever sits at the command line.

    name         as it stands in the log of changes
    csrf         what forms of this session carry; "" where there is no session
    must_choose  signed in with a password for once: may choose another one, and nothing else
    has_password a provider does not sign this account in
    """

    name: str
    role: Role
    csrf: str = ""
    must_choose: bool = False
    has_password: bool = False

    def may(self, needed: Role | str) -> bool:
        """Whether this operator may do what the role may."""
        return not self.must_choose and self.role.covers(Role(needed))


CONSOLE = Operator("command line", Role.ADMIN)
