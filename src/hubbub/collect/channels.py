"""GA4's default channel grouping, with a channel for AI assistants."""

import re

_PAID = re.compile(r".*cp.*|ppc|retargeting|paid.*")
_SHOPPING_CAMPAIGN = re.compile(r"(?:.*[^a-df-z])?shop.*|.*shopping.*")
_DISPLAY = frozenset({"display", "banner", "expandable", "interstitial", "cpm"})
_SOCIAL = frozenset({"social", "social-network", "social-media", "sm", "social network", "social media"})
_REFERRAL = frozenset({"referral", "app", "link"})
_MAIL = frozenset({"email", "e-mail", "e_mail", "e mail", "newsletter"})
_AFFILIATES = frozenset({"affiliate", "affiliates"})
_AI = frozenset({"ai", "ai-assistant", "ai_assistant", "ai assistant", "llm", "chatbot"})
_PAID_CHANNELS = {"shopping": "Paid Shopping", "search": "Paid Search", "social": "Paid Social", "video": "Paid Video"}
_ORGANIC_CHANNELS = {
    "shopping": "Organic Shopping",
    "social": "Organic Social",
    "video": "Organic Video",
    "search": "Organic Search",
    "ai": "AI Assistant",
}


def channel_of(source: str, kind: str, medium: str, campaign: str) -> str:
    """The channel of a visit, one of `core.vocabulary.CHANNELS`. All arguments in lower case.

    source    what it came from, "" when nothing says
    kind      what the source is known as (`tables.sources.Kind`), "" when it is not
    medium    utm_medium, "cpc" for an advertiser's click id, "referral" for a plain link, "" without
    campaign  utm_campaign

    The rules are those of "[GA4] Default channel group" in Google's Analytics help, in their order. Ours beyond them:
    AI assistants follow the paid channels; a known mail service is Email; so is the medium "newsletter".
    """
    if not source and not medium:
        return "Cross-network" if "cross-network" in campaign else "Direct"
    if "cross-network" in campaign:
        return "Cross-network"
    is_shopping = kind == "shopping" or _SHOPPING_CAMPAIGN.fullmatch(campaign) is not None
    if _PAID.fullmatch(medium):
        paid = "Paid Shopping" if is_shopping else _PAID_CHANNELS.get(kind)
        return paid or ("Display" if medium in _DISPLAY else "Paid Other")
    if medium in _DISPLAY:
        return "Display"
    if medium in _AI:
        return "AI Assistant"
    return _unpaid(source, "shopping" if is_shopping else kind, medium)


def _unpaid(source: str, kind: str, medium: str) -> str:
    if kind in _ORGANIC_CHANNELS:
        return _ORGANIC_CHANNELS[kind]
    if medium in _SOCIAL:
        return "Organic Social"
    if "video" in medium:
        return "Organic Video"
    if medium == "organic":
        return "Organic Search"
    if kind == "email" or medium in _MAIL:
        return "Email"
    if medium in _REFERRAL:
        return "Referral"
    if source in _MAIL:
        return "Email"
    if medium in _AFFILIATES:
        return "Affiliates"
    if medium == "audio":
        return "Audio"
    if "sms" in (source, medium):
        return "SMS"
    if medium.endswith("push") or "mobile" in medium or "notification" in medium or source == "firebase":
        return "Mobile Push Notifications"
    return "Unassigned"
