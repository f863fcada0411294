"""What a sign-in through a provider may answer. The reason is for the log: whoever tries things out learns nothing."""

import logging

from domain.errors import Unauthenticated, Unavailable

log = logging.getLogger(__name__)


def refused(reason: str) -> Unauthenticated:
    """`reason` is a short code; it never quotes a token, a ticket or a code."""
    log.info("a sign-in through the identity provider was refused: %s", reason)
    return Unauthenticated("The sign-in could not be completed. Please start it again.", code="sign_in_refused")


def provider_away(reason: str) -> Unavailable:
    log.warning("the identity provider is away: %s", reason)
    message = "The identity provider can't be reached. Please try again in a moment."
    return Unavailable(message, code="identity_provider_away")
