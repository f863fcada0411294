// What the API answered: what was asked for, or why not, as a sentence for a person.

export class Refused extends Error {
  constructor({ status, code, detail, field = null }) {
    super(detail);
    this.status = status;
    this.code = code;
    this.field = field;
  }
}

// Throws Refused for a problem. An answer without a body is null.
export async function answered(response) {
  const text = await response.text();
  if (response.ok) return text ? JSON.parse(text) : null;
  throw new Refused(problem(response, text));
}

// Both for what nobody has to be signed in for.
export async function get(path, ask = fetching) {
  return answered(await ask(`/api/v1/${path}`));
}

export async function post(path, body, ask = fetching) {
  return answered(await ask(`/api/v1/${path}`, posting(body)));
}

export function posting(body) {
  if (body === undefined) return { method: "POST" };
  return { method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify(body) };
}

// As fetch, but who is not there is said in words.
export async function fetching(path, options) {
  try {
    return await fetch(path, options);
  } catch (error) {
    if (error.name === "AbortError") throw error;
    throw new Error("The server can't be reached. Try again in a moment.");
  }
}

function problem(response, text) {
  const { code = "unexpected_answer", detail, field } = parsed(text);
  const said = detail ?? `The server answered ${response.status}.`;
  return { status: response.status, code, field, detail: said + waiting(response, said) };
}

// What comes from a proxy on the way is no problem document.
function parsed(text) {
  try {
    return JSON.parse(text) ?? {};
  } catch {
    return {};
  }
}

function waiting(response, said) {
  const seconds = response.headers.get("Retry-After");
  if (response.status !== 429 || !/^\d+$/.test(seconds ?? "") || /seconds?\b/.test(said)) return "";
  return ` Try again in ${seconds} ${seconds === "1" ? "second" : "seconds"}.`;
}
