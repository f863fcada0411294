// Links of letters lead here. What follows the # may be a secret: it is taken once, and leaves the address at once.

const LINK = /^#(invitation|reset|approval)=([\w-]{1,200})$/;

const REFUSALS = {
  not_invited: "Nobody has invited that Google account. Ask somebody of your company for an invitation.",
  identity_provider_away: "Google can't be reached at the moment. Try again, or sign in with your password.",
  rate_limited: "That is too often; try again in a minute.",
};
const REFUSED = "The sign-in with Google could not be completed. Please start it again.";

// {kind, value}, or null.
export function linkIn(hash) {
  const found = LINK.exec(hash);
  return found && { kind: found[1], value: found[2] };
}

// The link that the page was opened with; afterwards it is neither in the address bar nor in the history.
export function takeLink(place, history) {
  const link = linkIn(place.hash);
  if (place.hash || place.search) history.replaceState(null, "", place.pathname);
  return link;
}

// Why the way back from Google led here, as a sentence; "" where it did not.
export function refusalIn(search) {
  const code = new URLSearchParams(search).get("sign_in_refused");
  if (code === null) return "";
  return Object.hasOwn(REFUSALS, code) ? REFUSALS[code] : REFUSED;
}
