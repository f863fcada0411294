// Requests for approval: what is known, who may do what, how it is said. Nothing is shown here.

import { manages } from "./roles.js";
import { moment, money } from "./words.js";

const STATUSES = {
  pending: "Waiting for approval",
  approved: "Approved, and about to be done",
  executed: "Approved and done",
  failed: "Approved, but it could not be done",
  denied: "Denied",
  conditions: "Would be approved under conditions",
  withdrawn: "Withdrawn",
  expired: "Expired",
};

// An event of a conversation has less than the request itself: no version, no ids of people.
export function fromEvent({ approvalId, status, title, amount, currency, requestedBy, expiresAt, outcome }) {
  return {
    id: approvalId,
    status,
    title,
    amount: amount === null ? null : { amount, currency },
    requester: requestedBy,
    expires_at: expiresAt,
    outcome,
    version: 0,
  };
}

// The one of both that says more: the later version; of the same version the one that came last.
export function latest(known, found) {
  return known && known.version > found.version ? known : found;
}

// A request whose time is over has expired, whether or not anybody has told this page.
export function statusAt(request, now) {
  return request.status === "pending" && now >= Date.parse(request.expires_at) ? "expired" : request.status;
}

// What `person` ({id, role, selfLimit}) may do about it. The API shows others' requests to those alone who may decide.
export function choices(request, person, now) {
  if (statusAt(request, now) !== "pending" || !request.requested_by) return [];
  if (request.requested_by !== person.id) return ["approve", "deny", "conditions"];
  return mayApproveOwn(request, person) ? ["approve", "withdraw"] : ["withdraw"];
}

// The tenant's limit for approving one's own requests, as {amount, currency}.
export function selfLimit({ default_currency: currency, self_approval_limit_minor: minor }) {
  const { maximumFractionDigits } = new Intl.NumberFormat("en", { style: "currency", currency }).resolvedOptions();
  return { amount: minor / 10 ** maximumFractionDigits, currency };
}

// [label, text] each, in the order they are read.
export function facts(request) {
  const decided = request.decider ? `${request.decider}, ${moment(request.decided_at)}` : "";
  return [
    ["At stake", request.amount ? money(request.amount) : ""],
    ["Markets", request.markets?.join(", ") ?? ""],
    ["Asked by", request.requester],
    [request.status === "pending" ? "Expires" : "", moment(request.expires_at)],
    ["Decided by", decided],
    ["Reason", request.reason ?? ""],
    ["Outcome", request.status === "failed" ? (request.outcome ?? "") : ""],
    ["Request", code(request.id)],
  ].filter(([label, text]) => label && text);
}

export function said(status) {
  return STATUSES[status] ?? status;
}

// How people call a request: the last digits of its id.
export function code(id) {
  return `R-${id.slice(-6).toUpperCase()}`;
}

function mayApproveOwn({ amount }, { role, selfLimit: limit }) {
  if (!manages(role) || !amount || !limit) return false;
  return amount.currency === limit.currency && Number(amount.amount) <= limit.amount;
}
