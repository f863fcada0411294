"""How often things may be tried. Beyond it LimitExceeded `rate_limited` says when to come back.

An address may stand for a whole office, an account for one person; so addresses get more.
"""

from services.gateways import Quota

SIGN_IN_ACCOUNT = Quota("sign-in-account", burst=10, per_minute=10)
SIGN_IN_ADDRESS = Quota("sign-in-address", burst=30, per_minute=30)
REFRESH = Quota("refresh", burst=30, per_minute=30)
REFRESH_ADDRESS = Quota("refresh-address", burst=120, per_minute=120)
RESET_ACCOUNT = Quota("reset-account", burst=3, per_minute=1)
RESET_ADDRESS = Quota("reset-address", burst=10, per_minute=10)
ACCEPT_ADDRESS = Quota("accept-address", burst=30, per_minute=30)
TURN_USER = Quota("turn-user", burst=30, per_minute=30)
TURN_ADDRESS = Quota("turn-address", burst=300, per_minute=300)
UPLOAD_USER = Quota("upload-user", burst=30, per_minute=30)
LINK_ADDRESS = Quota("link-address", burst=120, per_minute=120)
